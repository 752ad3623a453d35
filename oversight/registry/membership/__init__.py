"""What holds of a member on a day: enrolled, poor or five-guarantee, alive."""
