// Package fftsim simulates a fulfillmenttools project, together with the two Google
// hosts that sign its users in.
//
// It is a real HTTP server: it validates orders as the platform does, keeps
// versions, lets lists lag behind, moves orders from routing to handover by
// itself, and delivers events to subscribers until they answer 200. What happens
// rarely in life (a reroute, a split, a short pick, a refused cancellation, a
// delivered parcel) is brought about by the methods of Platform.
package fftsim
