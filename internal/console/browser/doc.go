// Package browser tries the console in a real Chromium, on the demo's world: every page, the
// search, the plan of a retry, a pause, a sign-in, the width of a phone. The same run makes the
// screenshots in docs/images.
//
//	FFTCONNECT_BROWSER=1 go test ./internal/console/browser          skipped where there is no Chromium
//	FFTCONNECT_BROWSER=1 go test ./internal/console/browser -update  also writes docs/images anew
package browser
