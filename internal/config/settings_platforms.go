package config

import "strings"

func commercetoolsSettings() []Setting {
	return []Setting{
		{
			Name: "CTP_PROJECT_KEY", Meaning: "key of the commercetools project", Required: true,
			Fix: "copy the project key from the Merchant Center",
			set: func(e *Environment, v string) error {
				return setMatching(&e.Commercetools.ProjectKey, v, projectKey, "a project key: letters, digits, - and _")
			},
		},
		{
			Name: "CTP_REGION", Meaning: "region of the commercetools project, for its addresses", Default: "europe-west1.gcp",
			Fix: "use the region in the project's address, such as europe-west1.gcp",
			set: func(e *Environment, v string) error {
				return setMatching(&e.Commercetools.Region, strings.ToLower(v), region, "a region such as europe-west1.gcp")
			},
		},
		{
			Name: "CTP_API_URL", Meaning: "address of commercetools' API; unset: by CTP_REGION",
			Fix: "leave it unset, or give scheme and host",
			Computed: func(e Environment, _ getter) string {
				return "https://api." + e.Commercetools.Region + ".commercetools.com"
			},
			set: func(e *Environment, v string) error { return setURL(&e.Commercetools.APIURL, v) },
		},
		{
			Name: "CTP_AUTH_URL", Meaning: "address of commercetools' authorization server; unset: by CTP_REGION",
			Fix: "leave it unset, or give scheme and host",
			Computed: func(e Environment, _ getter) string {
				return "https://auth." + e.Commercetools.Region + ".commercetools.com"
			},
			set: func(e *Environment, v string) error { return setURL(&e.Commercetools.AuthURL, v) },
		},
		{
			Name: "CTP_CLIENT_ID", Meaning: "id of the commercetools API client", Required: true,
			Fix: "create an API client in the Merchant Center under Settings, Developer settings",
			set: func(e *Environment, v string) error { e.Commercetools.ClientID = v; return nil },
		},
		{
			Name: "CTP_CLIENT_SECRET", Meaning: "secret of the commercetools API client", Required: true, Secret: true,
			Fix: "it is shown once, when the API client is created",
			set: func(e *Environment, v string) error { e.Commercetools.ClientSecret = Secret(v); return nil },
		},
		{
			Name: "CTP_SCOPE", Meaning: "scopes to ask for, separated by spaces; unset: all that the API client has",
			Fix: "leave it unset, or list scopes such as manage_orders:my-project",
			set: func(e *Environment, v string) error { e.Commercetools.Scope = v; return nil },
		},
	}
}

func fulfillmenttoolsSettings() []Setting {
	return []Setting{
		{
			Name: "FFT_PROJECT_ID", Meaning: "id of the fulfillmenttools project", Required: true,
			Fix: "it is the first part of the tenant's API address, such as ocff-acme-prd",
			set: func(e *Environment, v string) error {
				return setMatching(&e.Fulfillmenttools.ProjectID, v, projectKey, "a project id: letters, digits, - and _")
			},
		},
		{
			Name: "FFT_API_URL", Meaning: "address of fulfillmenttools' API, without /api; unset: by FFT_PROJECT_ID",
			Fix: "leave it unset, or give scheme and host",
			Computed: func(e Environment, _ getter) string {
				return "https://" + e.Fulfillmenttools.ProjectID + ".api.fulfillmenttools.com"
			},
			set: func(e *Environment, v string) error {
				return setURL(&e.Fulfillmenttools.APIURL, strings.TrimSuffix(strings.TrimRight(v, "/"), "/api"))
			},
		},
		{
			Name: "FFT_AUTH_URL", Meaning: "stands for both of Google's identity hosts, where fulfillmenttools' users sign in",
			Fix: "leave it unset, or give scheme and host",
			set: func(e *Environment, v string) error {
				err := setURL(&e.Fulfillmenttools.SignInURL, v)
				e.Fulfillmenttools.TokenURL = e.Fulfillmenttools.SignInURL
				if e.Fulfillmenttools.SignInURL == googleIdentity {
					e.Fulfillmenttools.TokenURL = googleToken
				}
				return err
			},
			Default: googleIdentity,
		},
		{
			Name: "FFT_API_KEY", Meaning: "API key of the fulfillmenttools project", Required: true, Secret: true,
			Fix: "ask fulfillmenttools for it",
			set: func(e *Environment, v string) error { e.Fulfillmenttools.APIKey = Secret(v); return nil },
		},
		{
			Name: "FFT_API_USER", Meaning: "e-mail address of the fulfillmenttools user", Required: true,
			Fix: "create a user for the connector; install needs one with the role ADMINISTRATOR",
			set: func(e *Environment, v string) error { e.Fulfillmenttools.User = v; return nil },
		},
		{
			Name: "FFT_API_PASSWORD", Meaning: "password of the fulfillmenttools user", Required: true, Secret: true,
			Fix: "set the user's password in fulfillmenttools",
			set: func(e *Environment, v string) error { e.Fulfillmenttools.Password = Secret(v); return nil },
		},
		{
			Name: "FFT_LIST_LAG", Meaning: "how long fulfillmenttools' lists may lag behind; an order that they do not show by then does not exist", Default: "10s",
			Fix: "give a duration such as 10s",
			set: func(e *Environment, v string) error { return setDuration(&e.Fulfillmenttools.ListLag, v) },
		},
		{
			Name: "FFT_FORCE_CANCEL", Meaning: "whether to force a cancellation that fulfillmenttools refuses", Default: "false",
			Fix: "true or false",
			set: func(e *Environment, v string) error { return setBool(&e.Fulfillmenttools.ForceCancel, v) },
		},
		{
			Name: "FFT_FIELD_NAMES", Meaning: "names of the custom fields: auto keeps the existing connector's names on a type that has them", Default: "auto",
			Fix: "auto, documented or legacy",
			set: func(e *Environment, v string) error {
				return setOneOf(&e.Fulfillmenttools.FieldNames, v, "auto", "documented", "legacy")
			},
		},
	}
}
