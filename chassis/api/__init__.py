"""The doors for programs: tokens in place of sign-in, problem answers, one effect per key, a document of it all."""
