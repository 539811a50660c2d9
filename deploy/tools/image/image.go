// Package image builds fftconnect's container image without a container engine.
//
// It writes an OCI layout that holds one image for each platform, and for each platform an archive
// that "docker load" and "podman load" take. The same programs and the same Spec
// give the same digests: no time and no path of the building machine goes in.
package image

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"fftconnect/deploy/tools/archive"
)

// user is the unprivileged account that images of this kind customarily run as.
const user = "65532:65532"

// Spec is what an image is made of.
type Spec struct {
	Programs map[string]string // by architecture, such as amd64: the program's file
	SBOM     string            // file with the list of what is inside
	Version  string            // for the labels and the tag
	Revision string            // commit for the labels; may be empty
}

// Write writes the layout and the archives to a folder that must not hold an image yet, and
// returns the digest of the whole.
func (s Spec) Write(folder string) (digest string, err error) {
	tag, err := name.NewTag("fftconnect:" + s.Version)
	if err != nil {
		return "", err
	}
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, architecture := range slices.Sorted(maps.Keys(s.Programs)) {
		image, err := s.image(architecture)
		if err != nil {
			return "", fmt.Errorf("build the image for %s: %w", architecture, err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        image,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: architecture}},
		}).(v1.ImageIndex)
		archive := filepath.Join(folder, "fftconnect_"+s.Version+"_image_"+architecture+".tar")
		if err := tarball.WriteToFile(archive, tag, image); err != nil {
			return "", fmt.Errorf("write %s: %w", archive, err)
		}
	}
	if _, err := layout.Write(filepath.Join(folder, "oci"), mutate.AppendManifests(empty.Index, mutate.IndexAddendum{
		Add:        index,
		Descriptor: v1.Descriptor{Annotations: map[string]string{"org.opencontainers.image.ref.name": s.Version}},
	}).(v1.ImageIndex)); err != nil {
		return "", fmt.Errorf("write the OCI layout: %w", err)
	}
	whole, err := index.Digest()
	return whole.String(), err
}

// image is the image for one platform: certificates and accounts in one layer, which stays the
// same from version to version, and the program in another.
func (s Spec) image(architecture string) (v1.Image, error) {
	program, err := os.ReadFile(s.Programs[architecture])
	if err != nil {
		return nil, err
	}
	sbom, err := os.ReadFile(s.SBOM)
	if err != nil {
		return nil, err
	}
	system, err := layer(
		archive.File{Name: "etc/passwd", Data: []byte("fftconnect:x:65532:65532::/data:/sbin/nologin\n"), Mode: 0o644},
		archive.File{Name: "etc/group", Data: []byte("fftconnect:x:65532:\n"), Mode: 0o644},
		archive.File{Name: "etc/ssl/certs/ca-certificates.crt", Data: certificates(), Mode: 0o644},
		archive.File{Name: "tmp/", Mode: 0o1777},
		// The SQLite file lives here; mount a volume over it.
		archive.File{Name: "data/", Mode: 0o700, Owner: 65532},
	)
	if err != nil {
		return nil, err
	}
	ours, err := layer(
		archive.File{Name: "usr/bin/fftconnect", Data: program, Mode: 0o755},
		archive.File{Name: "usr/share/doc/fftconnect/sbom.cdx.json", Data: sbom, Mode: 0o644},
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
	config.Created = v1.Time{Time: archive.Epoch}
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
		Labels:       s.labels(),
	}
	if image, err = mutate.ConfigFile(image, config); err != nil {
		return nil, err
	}
	return mutate.Annotations(image, s.labels()).(v1.Image), nil
}

func (s Spec) labels() map[string]string {
	labels := map[string]string{
		"org.opencontainers.image.title":       "fftconnect",
		"org.opencontainers.image.description": "Connects commercetools and fulfillmenttools",
		"org.opencontainers.image.licenses":    "MIT",
		"org.opencontainers.image.version":     s.Version,
	}
	if s.Revision != "" {
		labels["org.opencontainers.image.revision"] = s.Revision
	}
	return labels
}
