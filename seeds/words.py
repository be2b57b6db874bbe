WORDS: tuple[str, ...] = tuple(f"word{i}" for i in range(1024))
