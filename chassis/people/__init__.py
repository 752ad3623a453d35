"""The people of a desk as those see them who keep them: who works here, in which role, granted by which two."""
