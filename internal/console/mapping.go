package console

import (
	"net/http"
	"strings"

	"fftconnect/internal/export"
)

// mappingView is what an order would become, field by field, as fftconnect map --explain
// prints it.
type mappingView struct {
	Text      string
	Explained *Explained
	Rows      []export.ExplainedRow
	Order     string // in words
}

func (c *Console) mappingPage(r *http.Request) (answer, error) {
	v := mappingView{Text: strings.TrimSpace(r.URL.Query().Get("order"))}
	a := answer{page: "mapping", title: "Try the mapping"}
	if v.Text != "" {
		order, err := c.opts.Orders.OrderByAnyName(r.Context(), v.Text)
		if err != nil {
			return a, err
		}
		explained, err := c.opts.Explain(r.Context(), order.ID)
		if err != nil {
			return a, err
		}
		explained.Calls++
		v.Explained, v.Rows = &explained, explained.Rows()
	}
	a.data = v
	return a, nil
}
