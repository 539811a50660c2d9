package commercetools

// isTraceParent reports whether a broker's attribute of that name is a W3C traceparent.
// Google's Pub/Sub libraries put their prefix before it.
func isTraceParent(name string) bool {
	return name == "traceparent" || name == "googclient_traceparent"
}

// readTraceParent reads a broker's attributes, of which only the trace context matters: a text
// with Pub/Sub, an object that holds one with SNS and SQS.
func (s *stream) readTraceParent() (parent string, err error) {
	err = s.readObject(func(name string) (err error) {
		switch c, _ := s.peekByte(); {
		case !isTraceParent(name):
			return s.skipValue()
		case c == '"':
			parent, err = s.readText()
			return err
		}
		return s.readObject(func(member string) (err error) {
			switch member {
			case "Value", "stringValue", "StringValue":
				parent, err = s.readText()
				return err
			}
			return s.skipValue()
		})
	})
	return parent, err
}
