package export

// RuleNames lists all rules for tests outside: what each fills, and from where.
func RuleNames() [][2]string {
	var names [][2]string
	for _, name := range ruleNames() {
		names = append(names, [2]string{name.field, name.from})
	}
	return names
}
