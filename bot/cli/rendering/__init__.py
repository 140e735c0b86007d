"""What commands print, each noun in its file."""
