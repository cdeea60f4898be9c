// An audience is a text such as “group:pmo, user:li.na”. With scripts it is ticked instead of typed.
export function audiences() {
  for (const picker of document.querySelectorAll("[data-audience]")) bringToLife(picker);
}

function bringToLife(picker) {
  const field = picker.querySelector("input[data-audience-text]");
  const list = picker.querySelector("[data-audience-list]");
  const boxes = [...list.querySelectorAll("input")];
  const alone = (box) => box.dataset.alone !== undefined;
  const names = field.value.split(",").map((name) => name.trim()).filter(Boolean);
  // Names that are not offered here stay in the text field, where they can be seen.
  if (names.some((name) => !boxes.some((box) => box.value === name))) return;

  for (const box of boxes) box.checked = names.includes(box.value);
  if (!names.length) boxes[0].checked = true;
  list.hidden = false;
  field.type = "hidden";
  list.addEventListener("change", ({ target }) => {
    for (const box of boxes) {
      if (target.checked && box !== target && (alone(target) || alone(box))) box.checked = false;
    }
    if (!boxes.some((box) => box.checked)) boxes[0].checked = true;
    field.value = boxes.filter((box) => box.checked).map((box) => box.value).join(", ");
  });
}
