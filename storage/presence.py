"""Whether a file or folder is there, where one that nobody may look for is a third answer."""

from pathlib import Path

from storage.files import unusable


def is_there(path: Path) -> bool:
    """Whether something has this name.

    :raises FolderUnusable: that cannot be told, as a folder above it may not be searched.
    """
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise unusable(path, "looked for", error) from error
    return True
