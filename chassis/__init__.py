"""What every app of the house rides on: settings, database, queue, trail, identity, layout, launcher."""
