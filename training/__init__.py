"""How the built-in bilingual model was made. Not installed with the program."""
