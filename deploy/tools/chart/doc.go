// Package chart tests the Helm chart: it is linted, rendered with several values, and every object is
// decoded strictly, so that no field is misspelt or at a wrong place.
package chart
