"""The generated demo county: fills an empty database, and says who can sign in. Invented from the first digit on."""
