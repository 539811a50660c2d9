// Package notify tells people when something is wrong, once, and when it is over: by webhook,
// in Slack or what takes Slack's messages, and by e-mail. What is wrong is found by the
// connector, by the same facts as /readyz, the metrics and the console; what is told of it is
// decided here, from what was told before, without I/O.
//
//	condition.go what can be wrong, and how long before it is told
//	decide.go    what is wrong now and what was told → what to tell
//	summary.go   when the daily summary is due
//	message.go   what is told, as JSON and as text
//	notifier.go  one round: find, decide, send, remember
//	targets.go, webhook.go, mail.go, loginauth.go
//	             where it goes
package notify
