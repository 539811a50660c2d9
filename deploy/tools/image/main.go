// Command image builds fftconnect's container image without a container engine.
//
// It writes an OCI layout that holds one image for each platform, and for each platform an archive
// that "docker load" and "podman load" take. The same binaries and the same arguments
// give the same digests: no time and no path of the building machine goes in.
package main

import (
	"archive/tar"
	"bytes"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// user is the unprivileged account that images of this kind customarily run as.
const user = "65532:65532"

// epoch is the time of every file in the image.
var epoch = time.Unix(0, 0).UTC()

// build is what an image is made of.
type build struct {
	binaries string // folder with one fftconnect-<architecture> for each platform
	sbom     string // file with the list of dependencies
	version  string
	revision string
	out      string
}

func main() {
	var b build
	flag.StringVar(&b.binaries, "binaries", "", "folder with fftconnect-amd64 and fftconnect-arm64")
	flag.StringVar(&b.sbom, "sbom", "", "list of dependencies to put into the image")
	flag.StringVar(&b.version, "version", "", "version for the labels and the tag")
	flag.StringVar(&b.revision, "revision", "", "commit for the labels")
	flag.StringVar(&b.out, "out", "", "folder to write to; it must not hold an image yet")
	flag.Parse()
	digest, err := b.run([]string{"amd64", "arm64"})
	if err != nil {
		fmt.Fprintf(os.Stderr, "image: %v\n", err)
		os.Exit(1)
	}
	fmt.Println(digest)
}

// run writes the layout and the archives, and returns the digest of the whole.
func (b build) run(architectures []string) (string, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, architecture := range architectures {
		image, err := b.image(architecture)
		if err != nil {
			return "", fmt.Errorf("build the image for %s: %w", architecture, err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        image,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: architecture}},
		}).(v1.ImageIndex)
		tag, err := name.NewTag("fftconnect:" + b.version)
		if err != nil {
			return "", err
		}
		archive := filepath.Join(b.out, "fftconnect-image-"+architecture+".tar")
		if err := tarball.WriteToFile(archive, tag, image); err != nil {
			return "", fmt.Errorf("write %s: %w", archive, err)
		}
	}
	if _, err := layout.Write(filepath.Join(b.out, "oci"), mutate.AppendManifests(empty.Index, mutate.IndexAddendum{
		Add:        index,
		Descriptor: v1.Descriptor{Annotations: map[string]string{"org.opencontainers.image.ref.name": b.version}},
	}).(v1.ImageIndex)); err != nil {
		return "", fmt.Errorf("write the OCI layout: %w", err)
	}
	digest, err := index.Digest()
	return digest.String(), err
}

// image is the image for one platform: certificates and accounts in one layer, which stays the
// same from version to version, and the program in another.
func (b build) image(architecture string) (v1.Image, error) {
	program, err := os.ReadFile(filepath.Join(b.binaries, "fftconnect-"+architecture))
	if err != nil {
		return nil, err
	}
	sbom, err := os.ReadFile(b.sbom)
	if err != nil {
		return nil, err
	}
	system, err := layer(
		file{name: "etc/passwd", data: []byte("fftconnect:x:65532:65532::/data:/sbin/nologin\n"), mode: 0o644},
		file{name: "etc/group", data: []byte("fftconnect:x:65532:\n"), mode: 0o644},
		file{name: "etc/ssl/certs/ca-certificates.crt", data: certificates(), mode: 0o644},
		file{name: "tmp/", mode: 0o1777},
		// The SQLite file lives here; mount a volume over it.
		file{name: "data/", mode: 0o700, owner: 65532},
	)
	if err != nil {
		return nil, err
	}
	ours, err := layer(
		file{name: "usr/bin/fftconnect", data: program, mode: 0o755},
		file{name: "usr/share/doc/fftconnect/sbom.cdx.json", data: sbom, mode: 0o644},
	)
	if err != nil {
		return nil, err
	}
	image := mutate.MediaType(empty.Image, types.OCIManifestSchema1)
	image = mutate.ConfigMediaType(image, types.OCIConfigJSON)
	image, err = mutate.AppendLayers(image, system, ours)
	if err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", architecture
	config.Created = v1.Time{Time: epoch}
	config.Config = v1.Config{
		User:       user,
		WorkingDir: "/data",
		Entrypoint: []string{"/usr/bin/fftconnect"},
		Cmd:        []string{"serve"},
		Env: []string{
			"PATH=/usr/bin",
			// Probes come from outside the container; the port must still not be published.
			"ADMIN_ADDR=:9090",
			"DATABASE_URL=sqlite:/data/fftconnect.db",
		},
		ExposedPorts: map[string]struct{}{"8080/tcp": {}, "9090/tcp": {}},
		Labels:       b.labels(),
	}
	if image, err = mutate.ConfigFile(image, config); err != nil {
		return nil, err
	}
	return mutate.Annotations(image, b.labels()).(v1.Image), nil
}

func (b build) labels() map[string]string {
	labels := map[string]string{
		"org.opencontainers.image.title":       "fftconnect",
		"org.opencontainers.image.description": "Connects commercetools and fulfillmenttools",
		"org.opencontainers.image.licenses":    "MIT",
		"org.opencontainers.image.version":     b.version,
	}
	if b.revision != "" {
		labels["org.opencontainers.image.revision"] = b.revision
	}
	return labels
}

// file is one entry of a layer; a name that ends in a slash is a folder.
type file struct {
	name  string
	data  []byte
	mode  int64
	owner int
}

// layer packs files, and the folders that they need, in the given order.
func layer(files ...file) (v1.Layer, error) {
	var packed bytes.Buffer
	archive := tar.NewWriter(&packed)
	written := map[string]bool{}
	for _, f := range files {
		for _, folder := range foldersOf(f.name) {
			if written[folder] {
				continue
			}
			written[folder] = true
			if err := archive.WriteHeader(header(file{name: folder, mode: 0o755})); err != nil {
				return nil, err
			}
		}
		if err := archive.WriteHeader(header(f)); err != nil {
			return nil, err
		}
		if _, err := archive.Write(f.data); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(packed.Bytes())), nil
	}, tarball.WithMediaType(types.OCILayer))
}

func header(f file) *tar.Header {
	kind := byte(tar.TypeReg)
	if strings.HasSuffix(f.name, "/") {
		kind = tar.TypeDir
	}
	return &tar.Header{
		Typeflag: kind, Name: f.name, Mode: f.mode, Size: int64(len(f.data)),
		Uid: f.owner, Gid: f.owner, ModTime: epoch, Format: tar.FormatPAX,
	}
}

// foldersOf lists the folders above a file, outermost first.
func foldersOf(name string) []string {
	var folders []string
	for folder := path.Dir(strings.TrimSuffix(name, "/")); folder != "."; folder = path.Dir(folder) {
		folders = append([]string{folder + "/"}, folders...)
	}
	return folders
}

// certificates are Mozilla's roots as a PEM file, so that an operator finds them where they always are.
func certificates() []byte {
	var roots bytes.Buffer
	for root := range bundle.Roots() {
		_ = pem.Encode(&roots, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // a buffer refuses nothing
	}
	return roots.Bytes()
}
