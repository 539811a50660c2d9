//go:build !profile

package main

func profile() (end func()) { return func() {} }
