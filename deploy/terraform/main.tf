# Topic, push subscription and commercetools' subscription for fftconnect on Google Cloud.
#
# An example: it was formatted, but never applied, for want of the providers where this
# project is built. Read the plan before you apply it.

terraform {
  required_version = ">= 1.6"
  required_providers {
    google        = { source = "hashicorp/google", version = "~> 6.0" }
    commercetools = { source = "labd/commercetools", version = "~> 1.20" }
  }
}

variable "project" {
  description = "Google Cloud project"
  type        = string
}

variable "connector_url" {
  description = "Public address of the connector, without a path, such as https://connector.acme.example"
  type        = string
}

variable "deployment" {
  description = "DEPLOYMENT of the connector"
  type        = string
  default     = "fftconnect"
}

resource "google_pubsub_topic" "orders" {
  project = var.project
  name    = "${var.deployment}-orders"
}

# commercetools publishes with an account of its own.
resource "google_pubsub_topic_iam_member" "commercetools" {
  project = var.project
  topic   = google_pubsub_topic.orders.name
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:subscriptions@commercetools-platform.iam.gserviceaccount.com"
}

# The account whose token the connector demands: EVENT_AUTH=oidc, EVENT_OIDC_EMAIL.
resource "google_service_account" "push" {
  project    = var.project
  account_id = "${var.deployment}-push"
}

resource "google_pubsub_subscription" "orders" {
  project = var.project
  name    = "${var.deployment}-orders"
  topic   = google_pubsub_topic.orders.id

  # The connector answers within 7 s, or keeps the message in its store.
  ack_deadline_seconds       = 20
  message_retention_duration = "604800s"

  expiration_policy {
    ttl = ""
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  push_config {
    push_endpoint = "${var.connector_url}/event"
    oidc_token {
      service_account_email = google_service_account.push.email
      audience              = "${var.connector_url}/event"
    }
  }
}

# "fftconnect install" makes this one too. Where Terraform keeps it, install the rest with
#   fftconnect install --only type,events
resource "commercetools_subscription" "orders" {
  key = "${var.deployment}-orders"

  destination {
    type       = "GoogleCloudPubSub"
    project_id = var.project
    topic      = google_pubsub_topic.orders.name
  }

  message {
    resource_type_id = "order"
    types            = ["OrderCreated", "OrderImported", "OrderCreatedFromRecurringOrder", "OrderStateChanged", "OrderDeleted"]
  }

  depends_on = [google_pubsub_topic_iam_member.commercetools]
}

output "event_oidc_email" {
  value = google_service_account.push.email
}

output "event_oidc_audience" {
  value = "${var.connector_url}/event"
}
