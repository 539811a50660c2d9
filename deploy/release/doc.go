// Package release tests what is released: archives, packages, checksums.
// Its tests have the build tag packaging: make packaging runs them.
package release
