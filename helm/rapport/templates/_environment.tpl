{{- /* Helm reads every number as a float: without this template a million would render as 1e+06. */ -}}
{{- define "rapport.plain" -}}
{{- if or (kindIs "slice" .) (kindIs "map" .) -}}
{{- toJson . -}}
{{- else if and (kindIs "float64" .) (eq (float64 (int64 .)) .) -}}
{{- int64 . -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- end -}}

{{- /* Every plain setting as NAME: "value"; no secret may ever be added here. */ -}}
{{- define "rapport.settings" -}}
RAPPORT_BOOTSTRAP_SERVERS: {{ .Values.kafka.bootstrapServers | quote }}
RAPPORT_SECURITY_PROTOCOL: {{ .Values.kafka.securityProtocol | quote }}
{{- if hasPrefix "SASL" .Values.kafka.securityProtocol }}
RAPPORT_SASL_MECHANISM: {{ .Values.kafka.sasl.mechanism | quote }}
{{- end }}
{{- if .Values.kafka.tls.caSecret }}
RAPPORT_SSL_CA_FILE: {{ printf "/etc/rapport/kafka-ca/%s" .Values.kafka.tls.caKey | quote }}
{{- end }}
RAPPORT_TOPIC_PARTITIONS: {{ include "rapport.plain" .Values.kafka.topics.partitions | quote }}
RAPPORT_TOPIC_REPLICATION: {{ include "rapport.plain" .Values.kafka.topics.replication | quote }}
RAPPORT_DEVICE: cpu
{{- $settings := merge (dict "deskAllowedHosts" (include "rapport.deskHosts" . | fromJsonArray)) .Values.settings }}
{{- range $key, $value := $settings }}
{{- if not (kindIs "string" $value | and (empty $value)) }}
RAPPORT_{{ snakecase $key | upper }}: {{ include "rapport.plain" $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* The host names of the desk: those of the setting, of its Ingress and of its HTTPRoute. */ -}}
{{- define "rapport.deskHosts" -}}
{{- $hosts := .Values.settings.deskAllowedHosts | default list -}}
{{- with .Values.desk -}}
{{- if .ingress.enabled -}}
{{- $hosts = concat $hosts .ingress.hosts -}}
{{- end -}}
{{- if .httpRoute.enabled -}}
{{- $hosts = concat $hosts .httpRoute.hostnames -}}
{{- end -}}
{{- end -}}
{{- uniq $hosts | toJson -}}
{{- end -}}

{{- /* The extra variables, volumes or mounts of all pods and of this workload: root, workload, key. */ -}}
{{- define "rapport.extra" -}}
{{- with concat (index .root.Values.pods .key | default list) (index .workload .key | default list) -}}
{{- toYaml . -}}
{{- end -}}
{{- end -}}

{{- define "rapport.databaseSecret" -}}
- name: RAPPORT_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.database.existingSecret }}
      key: {{ .Values.database.urlKey }}
{{- end -}}

{{- define "rapport.migrationSecret" -}}
{{- if .Values.migration.existingSecret -}}
- name: RAPPORT_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.migration.existingSecret }}
      key: {{ .Values.migration.urlKey }}
{{- else -}}
{{- include "rapport.databaseSecret" . -}}
{{- end -}}
{{- end -}}

{{- define "rapport.intakeSecret" -}}
- name: RAPPORT_INTAKE_TOKENS
  valueFrom:
    secretKeyRef:
      name: {{ .Values.intake.tokens.existingSecret }}
      key: {{ .Values.intake.tokens.key }}
{{- end -}}

{{- define "rapport.deskSecret" -}}
{{- with .Values.desk.token }}
{{- if .existingSecret }}
- name: RAPPORT_DESK_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: {{ .key }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "rapport.generatorSecret" -}}
{{- with .Values.generatorKey }}
{{- if .existingSecret }}
- name: RAPPORT_GENERATOR_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: {{ .key }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "rapport.kafkaSecrets" -}}
{{- if hasPrefix "SASL" .Values.kafka.securityProtocol }}
{{- range $name, $key := dict "RAPPORT_SASL_USERNAME" .Values.kafka.sasl.usernameKey "RAPPORT_SASL_PASSWORD" .Values.kafka.sasl.passwordKey }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ $.Values.kafka.sasl.existingSecret }}
      key: {{ $key }}
{{- end }}
{{- end }}
{{- end -}}
