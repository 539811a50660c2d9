package console

import (
	"errors"
	"net/http"
	"net/url"

	"fftconnect/internal/orders"
)

// searchPage finds an order by any of its names, and goes to its page when there is one.
func (c *Console) searchPage(r *http.Request) (answer, error) {
	found, err := c.opts.Orders.Find(r.Context(), r.URL.Query().Get("q"))
	if errors.Is(err, orders.ErrNoName) {
		return answer{to: "/"}, nil
	}
	if err != nil {
		return answer{}, err
	}
	if found.Stored && len(found.Orders) == 1 {
		return answer{to: "/orders/" + url.PathEscape(found.Orders[0].Order) + "?" + url.Values{"as": {string(found.Orders[0].Kind)}, "name": {found.Text}}.Encode()}, nil
	}
	status := http.StatusOK
	if len(found.Orders) == 0 {
		status = http.StatusNotFound
	}
	numbers := map[string]string{}
	if c.opts.Store != nil {
		var ids []string
		for _, order := range found.Orders {
			ids = append(ids, order.Order)
		}
		if numbers, err = c.opts.Store.OrderNumbers(r.Context(), ids); err != nil {
			return answer{}, err
		}
	}
	return answer{page: "search", title: "Search: " + found.Text, status: status, data: map[string]any{"Found": found, "Numbers": numbers}}, nil
}
