// Package catalogue invents a shop that sells lamps, linen and pottery, and an
// endless supply of its orders, as drafts for the simulated commercetools. The same
// seed gives the same orders.
//
// The first orders walk through every trait that an order can have and that a
// connector may stumble over; later ones mix traits at random. Every person, address
// and number is made up.
//
// Fixtures bring fixed ids, by which orders refer to them. Drafts share parts with
// each other and with the shop: copy before changing one.
package catalogue
