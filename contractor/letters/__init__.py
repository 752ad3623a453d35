"""What goes out on paper: the member's letter of decision, and the institution's statement of what was reduced."""
