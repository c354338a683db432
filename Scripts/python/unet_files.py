"""Files read and written as `wattbook-unet` does, and what it says where that fails."""

import errno
import os
from pathlib import Path

from unet_command import BAD_DATA, CANNOT_WRITE, INPUT_OUTPUT, MISSING_INPUT, NO_PERMISSION, UNetError


def read_file(path):
    """The whole content of a file."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise UNetError(MISSING_INPUT, f"There is no file {path}.",
                        "Check the path; it is taken from the present folder.") from None
    except PermissionError:
        raise UNetError(NO_PERMISSION, f"{path} cannot be read: permission denied.",
                        "Ask its owner for the right to read it, or name a copy that is yours.") from None
    except OSError as error:
        if error.errno == errno.EIO:
            raise UNetError(INPUT_OUTPUT, f"{path} cannot be read: input/output error.",
                            "Check the disk or the file server, then call the program again.") from None
        raise UNetError(BAD_DATA, f"{path} cannot be read: {error.strerror}.",
                        "Check that it is a file and that you may read it.") from None


def check_writable(path):
    """Refuses a checkpoint before the training that would come to nothing."""
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path) or not os.path.isdir(folder) or not os.access(folder, os.W_OK | os.X_OK):
        raise UNetError(CANNOT_WRITE, f"{path} cannot be written.", "Name a file in a folder that can be written.")


def write_file(path, parts, remedy):
    """Writes the pieces of a file whole or not at all, and waits for the disk."""
    part = f"{path}.{os.getpid()}"
    try:
        with open(part, "wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        Path(part).unlink(missing_ok=True)
        raise UNetError(CANNOT_WRITE, f"{path} cannot be written: {error.strerror}.", remedy) from None
