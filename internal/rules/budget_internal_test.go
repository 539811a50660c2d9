package rules

// AlmostSpent is a budget of which a tenth is left.
func AlmostSpent() *Budget { return &Budget{spent: MaxSteps / 10 * 9} }
