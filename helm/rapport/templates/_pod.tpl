{{- define "rapport.podSecurity" -}}
runAsNonRoot: true
{{- range $name := list "runAsUser" "runAsGroup" "fsGroup" }}
{{- with index $.Values.pods $name }}
{{ $name }}: {{ int64 . }}
{{- end }}
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "rapport.containerSecurity" -}}
runAsNonRoot: true
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
privileged: false
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "rapport.mounts" -}}
- name: temporary
  mountPath: /tmp
{{- if .Values.kafka.tls.caSecret }}
- name: kafka-ca
  mountPath: /etc/rapport/kafka-ca
  readOnly: true
{{- end }}
{{- if .Values.database.caSecret }}
- name: database-ca
  mountPath: /etc/rapport/database-ca
  readOnly: true
{{- end }}
{{- end -}}

{{- define "rapport.volumes" -}}
- name: temporary
  emptyDir:
    sizeLimit: {{ .Values.pods.temporarySpace }}
{{- with .Values.kafka.tls }}
{{- if .caSecret }}
- name: kafka-ca
  secret:
    secretName: {{ .caSecret }}
    items:
      - key: {{ .caKey }}
        path: {{ .caKey }}
{{- end }}
{{- end }}
{{- with .Values.database }}
{{- if .caSecret }}
- name: database-ca
  secret:
    secretName: {{ .caSecret }}
    items:
      - key: {{ .caKey }}
        path: {{ .caKey }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* The common part of the pods of jobs and of long-running processes.
       Service links are off: a Service named `…-desk` would set RAPPORT_DESK_PORT to an address. */ -}}
{{- define "rapport.podBase" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- include "rapport.podSecurity" . | nindent 2 }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "rapport.probes" -}}
{{- /* /healthz stays green while the broker or the database is away; only a stuck process is restarted. */ -}}
startupProbe:
  httpGet: {path: /healthz, port: metrics}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: {{ div (int64 .Values.pods.startupSeconds) 5 }}
readinessProbe:
  httpGet: {path: /readyz, port: metrics}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
livenessProbe:
  httpGet: {path: /healthz, port: metrics}
  periodSeconds: 15
  timeoutSeconds: 5
  failureThreshold: 4
{{- end -}}

{{- define "rapport.resources" -}}
{{- $resources := deepCopy .workload.resources -}}
{{- if .gpu -}}
{{- $card := dict .gpu.resourceName (int64 .gpu.count) -}}
{{- range $side := list "requests" "limits" -}}
{{- $_ := set $resources $side (merge (dict) $card (index $resources $side | default dict)) -}}
{{- end -}}
{{- end -}}
{{ toYaml $resources }}
{{- end -}}

{{- define "rapport.placement" -}}
{{- with .workload.placement }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}
{{- with concat (.workload.placement.tolerations | default list) ((.gpu | default dict).tolerations | default list) }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with (.gpu | default dict).runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- if .root.Values.pods.topologySpread.enabled }}
topologySpreadConstraints:
  {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: {{ $.root.Values.pods.topologySpread.whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "rapport.selector" $.root | nindent 8 }}
        app.kubernetes.io/component: {{ $.component }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "rapport.container" -}}
{{- $root := .root -}}
name: {{ .component }}
image: {{ include "rapport.image" $root | quote }}
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
args: {{ toJson .args }}
envFrom:
  - configMapRef:
      name: {{ include "rapport.fullname" $root }}
env:
  {{- /* The intake is reachable from outside and needs no database. */}}
  {{- include (ternary "rapport.intakeSecret" "rapport.databaseSecret" (eq .component "intake")) $root | nindent 2 }}
  {{- if eq .component "desk" }}
  {{- with include "rapport.deskSecret" $root | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- end }}
  {{- if eq .component "drafting" }}
  {{- with include "rapport.generatorSecret" $root | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- end }}
  {{- if hasKey $root.Values.groups .component }}
  - name: RAPPORT_GROUP_INSTANCE_ID
    valueFrom:
      fieldRef:
        fieldPath: metadata.name
  {{- end }}
  {{- with include "rapport.kafkaSecrets" $root | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- if .gpu }}
  - name: RAPPORT_DEVICE
    value: cuda
  {{- end }}
  {{- with include "rapport.extra" (dict "root" $root "workload" .workload "key" "extraEnv") }}
  {{- . | nindent 2 }}
  {{- end }}
ports:
  - name: metrics
    containerPort: {{ int64 $root.Values.settings.metricsPort }}
  {{- if eq .component "desk" }}
  - name: desk
    containerPort: {{ int64 $root.Values.settings.deskPort }}
  {{- end }}
  {{- if eq .component "intake" }}
  - name: intake
    containerPort: {{ int64 $root.Values.settings.intakePort }}
  {{- end }}
{{ include "rapport.probes" $root }}
resources:
  {{- include "rapport.resources" . | nindent 2 }}
securityContext:
  {{- include "rapport.containerSecurity" $root | nindent 2 }}
volumeMounts:
  {{- include "rapport.mounts" $root | nindent 2 }}
  {{- if .gpu }}
  - name: shared-memory
    mountPath: /dev/shm
  {{- end }}
  {{- with include "rapport.extra" (dict "root" $root "workload" .workload "key" "extraVolumeMounts") }}
  {{- . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- /* The pod template of a long-running process: root, component, args, workload, optional gpu. */ -}}
{{- define "rapport.podTemplate" -}}
metadata:
  labels:
    {{- include "rapport.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
  annotations:
    checksum/settings: {{ include "rapport.settings" .root | sha256sum }}
    {{- with .workload.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "rapport.fullname" .root }}
  {{- include "rapport.podBase" .root | nindent 2 }}
  terminationGracePeriodSeconds: {{ int64 .root.Values.pods.terminationGracePeriodSeconds }}
  {{- with include "rapport.placement" . | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  containers:
    -
      {{- include "rapport.container" . | nindent 6 }}
  volumes:
    {{- include "rapport.volumes" .root | nindent 4 }}
    {{- if .gpu }}
    - name: shared-memory
      emptyDir:
        medium: Memory
        sizeLimit: {{ .gpu.sharedMemory }}
    {{- end }}
    {{- with include "rapport.extra" (dict "root" .root "workload" .workload "key" "extraVolumes") }}
    {{- . | nindent 4 }}
    {{- end }}
{{- end -}}

{{- define "rapport.workload" -}}
metadata:
  name: {{ include "rapport.fullname" .root }}-{{ .component }}
  labels:
    {{- include "rapport.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "rapport.workloadSelector" -}}
replicas: {{ int64 .workload.replicas }}
selector:
  matchLabels:
    {{- include "rapport.selector" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
{{- end -}}
