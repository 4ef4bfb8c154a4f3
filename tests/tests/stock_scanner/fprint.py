#!/usr/bin/python3
"""libfprint as any program uses it: `enrol FILE` enrols the finger that is laid on the scanner into a file, `compare FILE`
compares with it, `capture [FILE]` takes an image and writes its pixels. Says what it does in lines; ends with 0 where it did it, and where fingers are the same."""

import sys

import gi

gi.require_version("FPrint", "2.0")
from gi.repository import FPrint, GLib


def scanner(context):
    devices = context.get_devices()
    if len(devices) != 1:
        sys.exit(f"{len(devices)} scanners")
    device = devices[0]
    device.open_sync()
    print(f"scanner: {device.get_name()}, driver {device.get_driver()}, {device.get_nr_enroll_stages()} stages")
    return device


def enrol(device, path):
    def staged(_, stage, template, *rest):
        errors = [each.message for each in rest if isinstance(each, GLib.Error)]
        print(f"stage {stage}" + "".join(f": {error}" for error in errors))

    template = device.enroll_sync(FPrint.Print.new(device), None, staged, None)
    with open(path, "wb") as file:
        file.write(template.serialize())
    print("enrolled")


def compare(device, path):
    with open(path, "rb") as file:
        template = FPrint.Print.deserialize(file.read())
    for _ in range(3):
        try:
            same, _ = device.verify_sync(template, None, None, None)
        except GLib.Error as error:
            if not error.matches(FPrint.device_retry_quark(), error.code):
                raise
            print(f"again: {error.message}")
            continue
        print("same finger" if same else "another finger")
        return 0 if same else 1
    return 2


def capture(device, path=None):
    image = device.capture_sync(True, None)
    print(f"{image.get_width()} x {image.get_height()}")
    if path:
        with open(path, "wb") as file:
            file.write(bytes(image.get_data()))


# The scanner's, and gone before it where nobody holds on to it.
context = FPrint.Context()
device = scanner(context)
try:
    status = {"enrol": enrol, "compare": compare, "capture": capture}[sys.argv[1]](device, *sys.argv[2:])
finally:
    device.close_sync()
sys.exit(status)
