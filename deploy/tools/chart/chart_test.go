package chart

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"helm.sh/helm/v4/pkg/chart/common"
	commonutil "helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/lint"
	"helm.sh/helm/v4/pkg/chart/v2/lint/support"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	policy "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

const folder = "../../helm/fftconnect"

// decoder refuses unknown and doubled fields.
var decoder = func() runtime.Decoder {
	kinds := runtime.NewScheme()
	must(scheme.AddToScheme(kinds))
	must(monitoring.AddToScheme(kinds))
	return serializer.NewCodecFactory(kinds, serializer.EnableStrict).UniversalDeserializer()
}()

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// rendered is what the chart makes of values.
type rendered struct {
	objects []runtime.Object
	notes   string
}

func render(values string) (rendered, error) {
	var given map[string]any
	if err := yaml.Unmarshal([]byte(values), &given); err != nil {
		return rendered{}, err
	}
	chart, err := loader.LoadDir(folder)
	if err != nil {
		return rendered{}, err
	}
	all, err := commonutil.ToRenderValues(chart, given, common.ReleaseOptions{Name: "shop", Namespace: "orders", Revision: 1, IsInstall: true}, nil)
	if err != nil {
		return rendered{}, err
	}
	files, err := engine.Engine{Strict: true}.Render(chart, all)
	if err != nil {
		return rendered{}, err
	}
	var out rendered
	for name, text := range files {
		if strings.HasSuffix(name, "NOTES.txt") {
			out.notes = text
			continue
		}
		for document := range strings.SplitSeq("\n"+text, "\n---\n") {
			if strings.TrimSpace(document) == "" {
				continue
			}
			object, _, err := decoder.Decode([]byte(document), nil, nil)
			if err != nil {
				return rendered{}, fmt.Errorf("%s: %w\n%s", name, err, document)
			}
			out.objects = append(out.objects, object)
		}
	}
	return out, nil
}

// only is the object of this kind that is no hook, or nil.
func only[T runtime.Object](t *testing.T, r rendered) (found T) {
	t.Helper()
	n := 0
	for _, object := range r.objects {
		this, ok := object.(T)
		if ok && any(object).(metav1.Object).GetAnnotations()["helm.sh/hook"] == "" {
			found = this
			n++
		}
	}
	if n > 1 {
		t.Fatalf("%d objects of kind %T", n, found)
	}
	return found
}

const secret = "secret: {existingSecret: fftconnect-credentials}\n"

// installations are values that people use.
var installations = map[string]string{
	"SQLite": secret + `settings: {CTP_PROJECT_KEY: acme, REVISIT_AFTER: 15m, DRAIN_RATE: 50, FEAT_CHANNELSYNC_ACTIVE: false}`,
	"PostgreSQL with replicas": secret + `
store: {kind: postgres}
replicas: 3
serviceMonitor: {enabled: true, labels: {release: prometheus}}
topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {a: b}}}]
`,
	"no store": secret + "store: {kind: none}\nreplicas: 2\n",
	"values in the secret": `
secret: {values: {CTP_CLIENT_ID: a, CTP_CLIENT_SECRET: 'b: "c"', DATABASE_URL: 'postgres://u:p@db/x'}}
store: {kind: postgres}
`,
	"everything": secret + `
image: {repository: registry.example/fftconnect, digest: "sha256:` + strings.Repeat("0", 64) + `", pullSecrets: [pull]}
install: {enabled: true, args: [--replace]}
shop: |
  export:
    trigger: {orderState: Confirmed}
ingress: {enabled: true, className: nginx, host: connector.acme.example, tlsSecret: tls, annotations: {a: "b"}}
serviceMonitor: {enabled: true}
store: {kind: sqlite, volume: {size: 10Gi, storageClass: fast}}
serviceAccount: {annotations: {iam: "x"}}
podAnnotations: {a: "1"}
podLabels: {b: "2"}
nodeSelector: {disk: ssd}
tolerations: [{key: a, operator: Exists}]
affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}}}
extraEnv: [{name: SSL_CERT_FILE, value: /certs/ca.pem}]
extraVolumes: [{name: certs, secret: {secretName: ca}}]
extraVolumeMounts: [{name: certs, mountPath: /certs}]
`,
}

// TestRulesAndDashboardAreThoseOfTheProject, and the rules lead to the shop's copy of the runbook.
func TestRulesAndDashboardAreThoseOfTheProject(t *testing.T) {
	r, err := render(secret + `
prometheusRule: {enabled: true, labels: {release: prometheus}, runbook: "https://docs.acme.example/operations"}
dashboard: {enabled: true}
`)
	if err != nil {
		t.Fatal(err)
	}
	rules := only[*monitoring.PrometheusRule](t, r).Spec.Groups[0].Rules
	if len(rules) < 10 || !strings.HasPrefix(rules[0].Annotations["runbook_url"], "https://docs.acme.example/operations#") || !strings.Contains(rules[0].Annotations["summary"], "{{ $value }}") {
		t.Errorf("the first of %d rules is %+v", len(rules), rules[0])
	}
	want, err := os.ReadFile("../../grafana/fftconnect.json")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, object := range r.objects {
		if shown, ok := object.(*core.ConfigMap); ok && shown.Labels["grafana_dashboard"] == "1" {
			found = strings.TrimSpace(shown.Data["fftconnect.json"]) == strings.TrimSpace(string(want))
		}
	}
	if !found {
		t.Error("the dashboard is another, or there is none")
	}
}

func TestLint(t *testing.T) {
	for name, values := range installations {
		var given map[string]any
		must(yaml.Unmarshal([]byte(values), &given))
		for _, message := range lint.RunAll(folder, given, "orders").Messages {
			if message.Severity >= support.WarningSev {
				t.Errorf("%s: %v", name, message)
			}
		}
	}
}

func TestEveryObjectIsWellFormed(t *testing.T) {
	for name, values := range installations {
		t.Run(name, func(t *testing.T) {
			r, err := render(values)
			if err != nil {
				t.Fatal(err)
			}
			deployment := only[*apps.Deployment](t, r)
			pod := deployment.Spec.Template.Spec
			container := pod.Containers[0]
			if !*container.SecurityContext.ReadOnlyRootFilesystem || *container.SecurityContext.AllowPrivilegeEscalation || !*pod.SecurityContext.RunAsNonRoot {
				t.Error("the container has rights that it does not need")
			}
			for _, probe := range []*core.Probe{container.LivenessProbe, container.ReadinessProbe, container.StartupProbe} {
				if probe == nil || probe.HTTPGet.Port.StrVal != "admin" {
					t.Errorf("a probe is %v", probe)
				}
			}
			for _, mount := range container.VolumeMounts {
				if !slices.ContainsFunc(pod.Volumes, func(v core.Volume) bool { return v.Name == mount.Name }) {
					t.Errorf("%s is mounted, and no volume", mount.Name)
				}
			}
			if *pod.TerminationGracePeriodSeconds <= 10 {
				t.Errorf("killed after %d s", *pod.TerminationGracePeriodSeconds)
			}
			settings := only[*core.ConfigMap](t, r).Data
			if settings["ADMIN_ADDR"] != ":9090" {
				t.Errorf("probes do not reach %q", settings["ADMIN_ADDR"])
			}
			if !strings.Contains(r.notes, "doctor") {
				t.Errorf("the notes are %q", r.notes)
			}
		})
	}
}

func TestWhatAnInstallationConsistsOf(t *testing.T) {
	get := func(name string) rendered {
		r, err := render(installations[name])
		must(err)
		return r
	}
	sqlite := get("SQLite")
	if d := only[*apps.Deployment](t, sqlite); d.Spec.Strategy.Type != apps.RecreateDeploymentStrategyType || *d.Spec.Replicas != 1 {
		t.Error("SQLite: two pods would have the file at once")
	}
	if only[*core.PersistentVolumeClaim](t, sqlite) == nil || only[*policy.PodDisruptionBudget](t, sqlite) != nil {
		t.Error("SQLite: a volume is missing, or a disruption budget would keep the node from being drained")
	}
	if data := only[*core.ConfigMap](t, sqlite).Data; data["DATABASE_URL"] != "sqlite:/data/fftconnect.db" || data["DRAIN_RATE"] != "50" || data["FEAT_CHANNELSYNC_ACTIVE"] != "false" {
		t.Errorf("SQLite: the settings are %v", data)
	}
	postgres := get("PostgreSQL with replicas")
	if d := only[*apps.Deployment](t, postgres); d.Spec.Strategy.Type != apps.RollingUpdateDeploymentStrategyType || *d.Spec.Replicas != 3 {
		t.Error("PostgreSQL: no rolling update")
	}
	if only[*core.PersistentVolumeClaim](t, postgres) != nil || only[*policy.PodDisruptionBudget](t, postgres) == nil || only[*monitoring.ServiceMonitor](t, postgres) == nil {
		t.Error("PostgreSQL: a volume, or no disruption budget, or no service monitor")
	}
	if only[*core.Secret](t, postgres) != nil || only[*core.Secret](t, get("values in the secret")).StringData["CTP_CLIENT_SECRET"] != `b: "c"` {
		t.Error("the secret is not what the values say")
	}
	everything := get("everything")
	if data := only[*core.ConfigMap](t, everything).Data; !strings.Contains(data["shop.yaml"], "\n  trigger:") || data["CONFIG_FILE"] != "/etc/fftconnect/shop.yaml" {
		t.Errorf("the shop's configuration is %v", data)
	}
}

// TestTheInstallationStandsAlone: it runs before the rest is there, and what it reads is gone after it.
func TestTheInstallationStandsAlone(t *testing.T) {
	for name, values := range installations {
		r, err := render(values + "\ninstall: {enabled: true, args: [--replace]}\n")
		if name == "everything" { // has its own
			r, err = render(values)
		}
		must(err)
		hooks := map[string]bool{}
		var job *batch.Job
		for _, object := range r.objects {
			about := object.(metav1.Object)
			if about.GetAnnotations()["helm.sh/hook"] == "" {
				continue
			}
			hooks[fmt.Sprintf("%T %s", object, about.GetName())] = true
			if found, ok := object.(*batch.Job); ok {
				job = found
			}
		}
		pod := job.Spec.Template.Spec
		if !slices.Equal(pod.Containers[0].Args, []string{"install", "--replace"}) || pod.ServiceAccountName != "" {
			t.Errorf("%s: %v as %q", name, pod.Containers[0].Args, pod.ServiceAccountName)
		}
		for _, from := range pod.Containers[0].EnvFrom {
			if from.ConfigMapRef != nil && !hooks["*v1.ConfigMap "+from.ConfigMapRef.Name] {
				t.Errorf("%s: there is no ConfigMap %s yet", name, from.ConfigMapRef.Name)
			}
			if from.SecretRef != nil && from.SecretRef.Name != "fftconnect-credentials" && !hooks["*v1.Secret "+from.SecretRef.Name] {
				t.Errorf("%s: there is no Secret %s yet", name, from.SecretRef.Name)
			}
		}
		for _, volume := range pod.Volumes {
			if volume.ConfigMap != nil && !hooks["*v1.ConfigMap "+volume.ConfigMap.Name] {
				t.Errorf("%s: there is no ConfigMap %s yet", name, volume.ConfigMap.Name)
			}
		}
	}
}

func TestTheServicesFindThePods(t *testing.T) {
	r, err := render(installations["PostgreSQL with replicas"])
	must(err)
	labels := only[*apps.Deployment](t, r).Spec.Template.Labels
	services := 0
	for _, object := range r.objects {
		service, ok := object.(*core.Service)
		if !ok {
			continue
		}
		services++
		for name, value := range service.Spec.Selector {
			if labels[name] != value {
				t.Errorf("%s looks for %s=%s", service.Name, name, value)
			}
		}
	}
	monitor := only[*monitoring.ServiceMonitor](t, r)
	found := 0
	for _, object := range r.objects {
		service, ok := object.(*core.Service)
		if !ok {
			continue
		}
		matches := true
		for name, value := range monitor.Spec.Selector.MatchLabels {
			matches = matches && service.Labels[name] == value
		}
		if matches && slices.ContainsFunc(service.Spec.Ports, func(p core.ServicePort) bool { return p.Name == monitor.Spec.Endpoints[0].Port }) {
			found++
		}
	}
	if services != 2 || found != 1 {
		t.Errorf("%d services, of which the monitor finds %d", services, found)
	}
}

func TestValuesThatCannotWorkAreRefused(t *testing.T) {
	for values, want := range map[string]string{
		secret + "replicas: 2":                                         "replicas",
		secret + "replicaz: 1":                                         "replicaz",
		secret + "settings: {JWT_SECRET: x}":                           "JWT_SECRET",
		secret + "settings: {lower: x}":                                "lower",
		secret + "ingress: {enabled: true}":                            "host",
		secret + "store: {kind: mysql}":                                "kind",
		"replicas: 1":                                                  "existingSecret",
		secret + "settings: {SHUTDOWN_GRACE: 40s}":                     "SHUTDOWN_GRACE",
		"secret: {existingSecret: a, values: {JWT_SECRET: b}}":         "exclude",
		"secret: {values: {JWT_SECRET: b}}\nstore: {kind: postgres}\n": "DATABASE_URL",
	} {
		if _, err := render(values); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", values, err)
		}
	}
}

// A misspelt field must not pass: the check itself is checked.
func TestAMisspeltFieldIsFound(t *testing.T) {
	_, _, err := decoder.Decode([]byte("apiVersion: apps/v1\nkind: Deployment\nspec: {replicaz: 1}\n"), nil, nil)
	if err == nil || !strings.Contains(err.Error(), "replicaz") {
		t.Errorf("it says %v", err)
	}
}

// TestThePagesValues renders every block of values on the chart's page, and every --set of its commands.
func TestThePagesValues(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(folder, "..", "README.md"))
	must(err)
	blocks := 0
	for _, block := range bytes.Split(page, []byte("```yaml\n"))[1:] {
		values, _, _ := bytes.Cut(block, []byte("```"))
		if _, err := render(secret + string(values)); err != nil {
			t.Errorf("%s: %v", values, err)
		}
		blocks++
	}
	if blocks < 2 {
		t.Errorf("%d blocks of values", blocks)
	}
}
