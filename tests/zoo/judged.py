"""The oracle's verdict on the specimens, and whether the name it gives is the right one."""

from typing import Any

import refmath

from .specimen import Specimen

#: Other right names of classical faults: most are conventions elsewhere.
CALLED = {
    "offset_guard": ("seed", "book", "offset"),
    "sum_over_samples": ("seed", "book"),
    "missing_half": ("pytorch",),
    "no_guard": ("pytorch",),
    "both_sides_clipped": ("keras", "sklearn"),
    "over_everything": ("scipy",),
    "guard_ignored": ("pytorch",),
    "off_diagonal_only": ("identity_forgotten",),
    "gradient_of_the_offset_loss": ("seed", "book"),
    "writes_into_its_input": ("works_on_the_callers_array", "works_on_the_callers_arrays"),
}


def judged(specimen: Specimen, **options: Any) -> refmath.Report:
    """The verdict on a specimen, under the convention it claims."""
    if specimen.array == "jax":
        import jax

        jax.config.update("jax_enable_x64", True)
    return refmath.check(
        specimen.function,
        specimen.formula,
        convention=specimen.convention,
        array=specimen.array,
        target=specimen.name,
        **options,
    )


def is_named(specimen: Specimen, report: refmath.Report) -> bool:
    """Whether the diagnosis names the specimen's fault: as the mistake, or as the convention that it is elsewhere."""
    found = report.diagnosis
    if found is None or specimen.fault is None:
        return False
    if specimen.fault == found.name or f"As a mistake: {specimen.fault}." in found.text:
        return True
    return found.name.split()[0] in CALLED.get(specimen.fault, ())


def figures(specimen: Specimen) -> tuple[str, bool, str | None]:
    """The verdict on a specimen at default effort, whether it is named rightly, and the name it got."""
    # How fast a machine compiles is not the question: on a busy one JAX's first call takes longer than a user would wait.
    report = judged(specimen, timeout=120)
    return report.verdict, is_named(specimen, report), report.diagnosis.name if report.diagnosis else None
