"""The one door to what the contractor publishes, and the registry's facts beside it: columns in, no rule."""
