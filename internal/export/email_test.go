package export_test

import "testing"

func TestTheEmailGoesToConsumerAndAddresses(t *testing.T) {
	t.Parallel()
	consents := customFields(object{"consent": true})
	own := func(o object) { part(o, "shippingAddress")["email"] = "home@example.org" }
	for name, test := range map[string]struct {
		rules                      string
		change                     func(object)
		consumer, postal, invoiced string
		notes                      []string
	}{
		"the customer's":          {`{}`, func(object) {}, "mechthild@example.org", "mechthild@example.org", "mechthild@example.org", nil},
		"the address's own":       {`{}`, own, "mechthild@example.org", "home@example.org", "mechthild@example.org", nil},
		"of the first address":    {`{}`, func(o object) { own(o); delete(o, "customerEmail") }, "home@example.org", "home@example.org", "", nil},
		"none at all":             {`{}`, func(o object) { delete(o, "customerEmail") }, "", "", "", nil},
		"left out":                {`{"email":"nil"}`, own, "", "", "", nil},
		"left out as empty":       {`{"email":"\"\""}`, own, "", "", "", nil},
		"another":                 {`{"email":"\"orders@example.com\""}`, own, "orders@example.com", "orders@example.com", "orders@example.com", nil},
		"with consent":            {`{"email":"order.custom.fields.consent == true ? order.customerEmail : nil"}`, consents, "mechthild@example.org", "mechthild@example.org", "mechthild@example.org", nil},
		"without consent":         {`{"email":"order.custom.fields.consent == true ? order.customerEmail : nil"}`, func(object) {}, "", "", "", nil},
		"another that is not one": {`{"email":"\"nobody\""}`, func(object) {}, "", "", "", []string{"shipping address: the e-mail", "billing address: the e-mail", "customer: the e-mail"}},
	} {
		mapped, notes := exporting(t, test.rules, test.change).must(t)
		noted(t, notes, test.notes...)
		same(t, name+", consumer", test.consumer, mapped.Consumer.Email)
		same(t, name+", shipping address", test.postal, mapped.Consumer.Addresses[0].Email)
		same(t, name+", billing address", test.invoiced, mapped.Consumer.Addresses[1].Email)
	}
}

func TestAnEmailThatCannotBeToldIsOneProblem(t *testing.T) {
	t.Parallel()
	problems := exporting(t, `{"email":"order.lineItems[9].id"}`, nil).problems(t)
	if len(problems) != 1 {
		t.Fatalf("%q", problems)
	}
	noted(t, problems, "export.email: ")
}
