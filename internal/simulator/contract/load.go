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
// it, which takes about half a second, or several under the race detector. It is safe for
// concurrent use.
type Validator struct {
	interfaces map[string]func() (*description, error)
}

// interfaceOf is a platform's interface.
func (v *Validator) interfaceOf(platform string) (*description, error) {
	read, ok := v.interfaces[platform]
	if !ok {
		return nil, fmt.Errorf("platform %q is unknown", platform)
	}
	return read()
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
	return &Validator{interfaces: map[string]func() (*description, error){
		Commercetools:    sync.OnceValues(func() (*description, error) { return read(dir, Commercetools, commercetoolsQuirks) }),
		Fulfillmenttools: sync.OnceValues(func() (*description, error) { return read(dir, Fulfillmenttools, fulfillmenttoolsQuirks) }),
	}}
}

func read(dir, platform string, quirks quirks) (*description, error) {
	file := filepath.Join(dir, platform+".yaml")
	document, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	d, err := describe(document, quirks)
	if err != nil {
		return nil, fmt.Errorf("understand %s: %w", file, err)
	}
	return d, nil
}

func describe(document *openapi3.T, quirks quirks) (*description, error) {
	w := newRewriter(document.Components.Schemas, quirks)
	d := &description{schemas: map[string]*openapi3.Schema{}, undocumented: quirks.undocumented, documented: quirks.documented}
	for name, ref := range document.Components.Schemas {
		d.schemas[name] = w.rewritten(ref).Value
	}
	maps.Copy(d.schemas, quirks.extra(w))
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
	d, err := v.interfaceOf(platform)
	if err != nil {
		return err
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return fmt.Errorf("decode %s: %w", schemaName, err)
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
