{{- /* Helm reads every number as a float: without this a million would render as 1e+06. */ -}}
{{- define "rapport.plain" -}}
{{- if and (kindIs "float64" .) (eq (float64 (int64 .)) .) -}}
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
RAPPORT_DATA_FOLDER: /tmp/rapport
RAPPORT_DEVICE: cpu
RAPPORT_DESK_HOST: 0.0.0.0
RAPPORT_DESK_PORT: "8765"
{{- if .Values.intake.enabled }}
RAPPORT_INTAKE_HOST: 0.0.0.0
RAPPORT_INTAKE_PORT: "8767"
{{- end }}
RAPPORT_METRICS_HOST: 0.0.0.0
RAPPORT_METRICS_PORT: "9100"
{{- range $key, $value := .Values.settings }}
RAPPORT_{{ snakecase $key | upper }}: {{ include "rapport.plain" $value | quote }}
{{- end }}
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
