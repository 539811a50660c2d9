package image

import (
	"bytes"
	"encoding/pem"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"

	"fftconnect/deploy/tools/archive"
)

// layer packs files into a layer of an image.
func layer(files ...archive.File) (v1.Layer, error) {
	packed, err := archive.Tar(files...)
	if err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(packed)), nil
	}, tarball.WithMediaType(types.OCILayer))
}

// certificates are Mozilla's roots as a PEM file, so that an operator finds them where they always are.
func certificates() []byte {
	var roots bytes.Buffer
	for root := range bundle.Roots() {
		_ = pem.Encode(&roots, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // a buffer refuses nothing
	}
	return roots.Bytes()
}
