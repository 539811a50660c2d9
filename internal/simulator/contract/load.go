package contract

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// The platforms as exchanges name them.
const (
	Commercetools    = "commercetools"
	Fulfillmenttools = "fulfillmenttools"
)

// FolderVariable names the folder that holds the vendors' files.
const FolderVariable = "FFTCONNECT_OPENAPI"

// ErrAbsent says that the vendors' files are not on this machine. They are not part
// of the project, so tests skip then.
var ErrAbsent = errors.New("the vendors' OpenAPI files are absent: set " + FolderVariable + " to the folder that holds commercetools.yaml and fulfillmenttools.yaml")

// Validator knows both interfaces. It reads the file of one when it is first asked about
// it, and understands of it what it is asked about: several tenths of a second for all that
// the connector and the simulators speak. It is safe for concurrent use.
type Validator struct {
	platforms map[string]*platform
}

// platform is a vendor's file and what was understood of it.
type platform struct {
	name, path string
	quirks     quirks
	cut        func() (file, error)
	inUse      func() (*description, error)

	mu         sync.Mutex
	understood []*description
}

func newPlatform(dir, name string, quirks quirks) *platform {
	p := &platform{name: name, path: filepath.Join(dir, name+".yaml"), quirks: quirks}
	p.cut = sync.OnceValues(func() (file, error) {
		text, err := os.ReadFile(p.path)
		return cutFile(text), err
	})
	p.inUse = sync.OnceValues(func() (*description, error) { return p.describe(quirks.inUse) })
	return p
}

// of is the platform of that name.
func (v *Validator) of(name string) (*platform, error) {
	p, ok := v.platforms[name]
	if !ok {
		return nil, fmt.Errorf("platform %q is unknown", name)
	}
	return p, nil
}

// about is what a schema needs. Those of notices are understood together.
func (p *platform) about(schemaName string) (*description, error) {
	if p.quirks.notices.MatchString(schemaName) {
		return p.inUse()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range p.understood {
		if d.schemas[schemaName] != nil {
			return d, nil
		}
	}
	d, err := p.describe(func(named part) bool { return named == part{schemaKind, schemaName} })
	if err == nil {
		p.understood = append(p.understood, d)
	}
	return d, err
}

// description is one platform's interface, rewritten.
type description struct {
	schemas      map[string]*openapi3.Schema
	routes       []route
	failure      *openapi3.Schema // body of an answer that reports an error
	unauthorized *openapi3.Schema // the same with status 401
	undocumented func(status int, takesBody bool) bool
	documented   func(value any) Problems // nil: the file says it all
}

// check holds a value against a schema, and against what only the vendor's pages say.
func (d *description) check(schema *openapi3.Schema, value any) Problems {
	problems := check(schema, value)
	if d.documented != nil {
		problems = append(problems, d.documented(value)...)
	}
	return problems
}

// FindSpecs looks for the folder that holds the vendors' files; ok is false when it is
// absent.
func FindSpecs() (dir string, ok bool) {
	dir = os.Getenv(FolderVariable)
	if dir == "" {
		root, found := moduleRoot()
		if !found {
			return "", false
		}
		dir = filepath.Join(root, "..", "shared", "reference", "openapi")
	}
	for _, platform := range []string{Commercetools, Fulfillmenttools} {
		if _, err := os.Stat(filepath.Join(dir, platform+".yaml")); err != nil {
			return "", false
		}
	}
	return dir, true
}

func moduleRoot() (string, bool) {
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return dir, true
		}
		if filepath.Dir(dir) == dir {
			break
		}
		dir = filepath.Dir(dir)
	}
	return "", false
}

// Shared finds the files, and reads each once per process. The error is ErrAbsent when
// they are not there.
func Shared() (*Validator, error) { return loadShared() }

var loadShared = sync.OnceValues(func() (*Validator, error) {
	dir, ok := FindSpecs()
	if !ok {
		return nil, ErrAbsent
	}
	return Load(dir), nil
})

// Load is about commercetools.yaml and fulfillmenttools.yaml in dir.
func Load(dir string) *Validator {
	return &Validator{platforms: map[string]*platform{
		Commercetools:    newPlatform(dir, Commercetools, commercetoolsQuirks),
		Fulfillmenttools: newPlatform(dir, Fulfillmenttools, fulfillmenttoolsQuirks),
	}}
}

// describe is what the file says of the wanted parts.
func (p *platform) describe(wanted func(part) bool) (*description, error) {
	parts, err := p.cut()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", p.path, err)
	}
	text, whole := parts.excerpt(wanted, p.quirks)
	document, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", p.path, err)
	}
	d, err := describe(document, whole, p.quirks)
	if err != nil {
		return nil, fmt.Errorf("understand %s: %w", p.path, err)
	}
	return d, nil
}

func describe(document *openapi3.T, whole map[part]bool, quirks quirks) (*description, error) {
	w := newRewriter(document.Components.Schemas, quirks)
	d := &description{schemas: map[string]*openapi3.Schema{}, undocumented: quirks.undocumented, documented: quirks.documented}
	for name, ref := range document.Components.Schemas {
		if whole[part{schemaKind, name}] {
			d.schemas[name] = w.rewritten(ref).Value
		}
	}
	if quirks.extra != nil && !slices.ContainsFunc(quirks.parts, func(name string) bool { return d.schemas[name] == nil }) {
		maps.Copy(d.schemas, quirks.extra(w))
	}
	d.failure = d.schemas[quirks.failure]
	d.unauthorized = d.schemas[cmp.Or(quirks.unauthorized, quirks.failure)]
	if d.failure == nil || d.unauthorized == nil {
		return nil, fmt.Errorf("schema %s or %s is missing", quirks.failure, quirks.unauthorized)
	}
	for path, item := range document.Paths.Map() {
		d.routes = append(d.routes, newRoute(path, item, w, quirks))
	}
	slices.SortFunc(d.routes, mostSpecificFirst)
	return d, nil
}

// Schema holds body against one schema of a platform's interface, such as
// "PickjobWebHookEvent" of fulfillmenttools or "Order" of commercetools.
// "SubscriptionNotification" of commercetools is a whole notification, with the
// message in it. The error is a Problems when the body was readable.
func (v *Validator) Schema(platform, schemaName string, body []byte) error {
	p, err := v.of(platform)
	if err != nil {
		return err
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return fmt.Errorf("decode %s: %w", schemaName, err)
	}
	d, err := p.about(schemaName)
	if err != nil {
		return err
	}
	schema, ok := d.schemas[narrowSchemaName(platform, schemaName, value)]
	if !ok {
		return fmt.Errorf("%s has no schema %q", platform, schemaName)
	}
	if problems := d.check(schema, value); len(problems) > 0 {
		return problems
	}
	return nil
}
