"""What services need of the outside, as Protocols: async, batched, leased. An adapter promises what is written here."""
