package catalogue

import (
	"math/rand/v2"
	"strconv"
)

// region is where a customer lives.
type region struct {
	country, phone string
	first, last    []string
	streets        []string
	towns          [][2]string // postal code, name
}

func regionsByCountry() map[string]region {
	german := region{
		"DE", "+49 151 555",
		[]string{"Ada", "Jonas", "Mechthild", "Emre", "Zoë"},
		[]string{"Berg", "von der Aue", "Öztürk", "Müller-Lüdenscheidt", "Groß"},
		[]string{"Lindenweg", "Straße des 18. Oktober", "Am Anger", "Ringstr."},
		[][2]string{{"50667", "Köln"}, {"01067", "Dresden"}, {"20095", "Hamburg"}, {"80331", "München"}},
	}
	austrian := german
	austrian.country, austrian.phone = "AT", "+43 660 555"
	austrian.towns = [][2]string{{"1010", "Wien"}, {"5020", "Salzburg"}}
	return map[string]region{
		"DE": german, "AT": austrian,
		"GB": {
			"GB", "+44 7700 900",
			[]string{"Maud", "Ifor", "Siobhán"},
			[]string{"O'Neill", "Ap Rhys", "Featherstonehaugh"},
			[]string{"Linen Row", "St Mary's Lane", "The Shambles"},
			[][2]string{{"E1 6AN", "London"}, {"YO1 7LZ", "York"}, {"EH1 1YZ", "Edinburgh"}},
		},
		"FR": {
			"FR", "+33 6 39 98 ",
			[]string{"Noémie", "Théo", "Françoise"},
			[]string{"L'Hôte", "de La Tour", "Noël"},
			[]string{"Rue de l'Église", "Allée des Tilleuls", "Place d'Armes"},
			[][2]string{{"75004", "Paris"}, {"59000", "Lille"}, {"13001", "Marseille"}},
		},
		"PL": {
			"PL", "+48 555 55",
			[]string{"Żaneta", "Łukasz", "Agnieszka"},
			[]string{"Wójcik", "Śliwińska", "Brzęczyszczykiewicz"},
			[]string{"ul. Lipowa", "al. Róż", "pl. Wolności"},
			[][2]string{{"00-001", "Warszawa"}, {"90-001", "Łódź"}},
		},
		"JP": {
			"JP", "+81 90 5555",
			[]string{"美咲", "翔太", "結衣"},
			[]string{"佐藤", "鈴木", "髙橋"},
			[]string{"千代田", "本町", "中央通り"},
			[][2]string{{"100-0001", "東京"}, {"530-0001", "大阪"}},
		},
		"KW": {
			"KW", "+965 5555",
			[]string{"Noura", "Salem"},
			[]string{"Al-Example", "Bin Test"},
			[]string{"Block 3, Street 12", "Gulf Road"},
			[][2]string{{"13001", "Kuwait City"}},
		},
	}
}

func pickOne[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// address is a complete one, except that the house number may be left out.
func (g region) address(r *rand.Rand) map[string]any {
	town := pickOne(r, g.towns)
	a := map[string]any{
		"id": randomID(r)[:8], "country": g.country,
		"firstName": pickOne(r, g.first), "lastName": pickOne(r, g.last),
		"streetName": pickOne(r, g.streets), "streetNumber": strconv.Itoa(1 + r.IntN(120)),
		"postalCode": town[0], "city": town[1],
	}
	switch r.IntN(3) {
	case 0:
		a["mobile"] = g.phone + strconv.Itoa(1000+r.IntN(9000))
	case 1:
		a["phone"] = g.phone + strconv.Itoa(1000+r.IntN(9000))
		a["salutation"] = pickOne(r, []string{"Frau", "Herr", "Mx"})
	}
	return a
}

// email is at a domain that can never exist.
func email(r *rand.Rand, index int) string {
	return pickOne(r, []string{"ada", "jonas.b", "m+shop", "zoe_g", "h.o-neill"}) + strconv.Itoa(index) + "@example.org"
}
