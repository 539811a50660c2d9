{{- define "fftconnect.name" -}}
{{- if contains "fftconnect" .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-fftconnect" (.Release.Name | trunc 41 | trimSuffix "-") }}{{ end }}
{{- end }}

{{- define "fftconnect.selector" -}}
app.kubernetes.io/name: fftconnect
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "fftconnect.labels" -}}
{{ include "fftconnect.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "fftconnect.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "fftconnect.name" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{- define "fftconnect.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}{{ else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* What the ConfigMap holds. The installation runs before the rest is there, with a copy of its own. */}}
{{- define "fftconnect.settings" -}}
PORT: "8080"
ADMIN_ADDR: ":9090"
{{- if eq .Values.store.kind "sqlite" }}
DATABASE_URL: sqlite:/data/fftconnect.db
{{- else if eq .Values.store.kind "none" }}
DATABASE_URL: none
{{- end }}
{{- if .Values.shop }}
CONFIG_FILE: /etc/fftconnect/shop.yaml
{{- end }}
{{- range $name, $value := .Values.settings }}
{{ $name }}: {{ $value | toString | quote }}
{{- end }}
{{- with .Values.shop }}
shop.yaml: |
  {{- . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "fftconnect.secrets" -}}
{{- range $name, $value := .Values.secret.values }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end }}

{{/*
The container that both the deployment and the installation run, without name and arguments:
.root is the chart, .name that of the ConfigMap and, unless one exists, of the Secret.
*/}}
{{- define "fftconnect.container" -}}
image: {{ include "fftconnect.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
envFrom:
  - configMapRef: {name: {{ .name }}}
  - secretRef: {name: {{ .root.Values.secret.existingSecret | default .name }}}
{{- with .root.Values.extraEnv }}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "fftconnect.mounts" -}}
{{- if .Values.shop }}
- {name: shop, mountPath: /etc/fftconnect, readOnly: true}
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "fftconnect.volumes" -}}
{{- if .root.Values.shop }}
- name: shop
  configMap:
    name: {{ .name }}
    items: [{key: shop.yaml, path: shop.yaml}]
{{- end }}
{{- with .root.Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "fftconnect.pod" -}}
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
