package setup

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"fftconnect/internal/remote"
)

// credentialsContainer holds, for each subscription, what its broker's credentials were when they were last
// applied: commercetools masks them, so they cannot be compared.
const credentialsContainer = "fftconnect-subscriptions"

// credentials are what was applied to a subscription.
type credentials struct {
	Destination string `json:"destination"` // what is not secret of it
	Digest      string `json:"digest"`      // of what is; empty when nothing is
}

// appliedCredentials are zero when nothing is remembered.
func (i Installer) appliedCredentials(ctx context.Context, key string) (credentials, error) {
	var applied credentials
	value, err := i.Commercetools.CustomObject(ctx, credentialsContainer, key)
	if remote.Is(err, remote.NotFound) || remote.Is(err, remote.Blocked) {
		return applied, nil // without the permission to read it, --force applies credentials
	}
	if err == nil {
		err = json.Unmarshal(value, &applied)
	}
	return applied, err
}

func (i Installer) rememberCredentials(ctx context.Context, key string) error {
	_, err := i.Commercetools.PutObject(ctx, credentialsContainer, key, credentials{Destination: i.plainDestination(), Digest: i.digest()})
	return err
}

func (i Installer) forgetCredentials(ctx context.Context, key string) error {
	return i.Commercetools.DeleteObject(ctx, credentialsContainer, key)
}

// plainDestination is where our settings have commercetools deliver, without secrets.
func (i Installer) plainDestination() string {
	text, _ := json.Marshal(plainKeys(i.Environment.Destination.Platform)) // texts
	return string(text)
}

// digest tells the broker's credentials apart without holding them: keyed, so that nobody
// who reads it can try candidates.
func (i Installer) digest() string {
	secrets := i.destinationSecrets()
	if len(secrets) == 0 {
		return ""
	}
	mac := hmac.New(sha256.New, i.Token.Secret)
	mac.Write([]byte(strings.Join(secrets, "\n")))
	return hex.EncodeToString(mac.Sum(nil))
}
