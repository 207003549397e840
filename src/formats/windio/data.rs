//! windIO's numbers over named dimensions.

use crate::formats::{Field, Value};

/// A number, a list of numbers, or `{data, dims}`.
pub(super) fn one_or_more(field: &Field) -> Option<Vec<f64>> {
    match field.kind() {
        Value::List(_) => field.numbers(),
        Value::Map(_) => Data::read(field, &["wind_direction", "wind_speed"]).map(|data| data.values),
        _ => field.number().map(|number| vec![number]),
    }
}

/// Numbers over named dimensions, the last dimension running fastest.
pub(super) struct Data {
    pub(super) values: Vec<f64>,
    pub(super) shape: Vec<usize>,
    pub(super) dims: Vec<String>,
}

impl Data {
    /// `{data, dims}`, or a plain number or list, whose dimensions then are the first of `allowed`.
    pub(super) fn read(field: &Field, allowed: &[&str]) -> Option<Self> {
        let plain = !matches!(field.kind(), Value::Map(_) | Value::Unread(_));
        let body = if plain { field.clone() } else { field.get("data")? };
        let mut data = Self { values: Vec::new(), shape: Vec::new(), dims: Vec::new() };
        data.append(&body, 0)?;
        if plain {
            data.dims = allowed.iter().take(data.shape.len()).map(|&name| name.to_owned()).collect();
        } else if let Some(dims) = field.opt("dims") {
            data.dims = dims.items()?.iter().filter_map(Field::text).map(str::to_owned).collect();
        }
        if let Some(other) = data.dims.iter().find(|name| !allowed.contains(&name.as_str())) {
            let fault = format!("depends on {other}; only one wind climate for the whole site is supported yet");
            field.fault(fault);
            return None;
        }
        if data.dims.len() != data.shape.len() || (data.dims.len() == 2 && data.dims[0] == data.dims[1]) {
            field.fault(format!("dims {:?} do not fit the data, which has {} dimensions", data.dims, data.shape.len()));
            return None;
        }
        Some(data)
    }

    fn append(&mut self, field: &Field, depth: usize) -> Option<()> {
        let Value::List(items) = field.kind() else {
            if depth != self.shape.len() {
                field.fault("the rows of the data differ in length or depth");
                return None;
            }
            self.values.push(field.number()?);
            return Some(());
        };
        match self.shape.get(depth) {
            None if self.values.is_empty() => self.shape.push(items.len()),
            Some(&length) if length == items.len() => {}
            _ => {
                field.fault("the rows of the data differ in length or depth");
                return None;
            }
        }
        // A flat list, the common case, without a path for every number.
        if items.iter().all(|item| matches!(item.value, Value::Integer(_) | Value::Float(_))) {
            if depth + 1 != self.shape.len() {
                field.fault("the rows of the data differ in length or depth");
                return None;
            }
            self.values.extend(field.numbers()?);
            return Some(());
        }
        field.items()?.iter().try_for_each(|item| self.append(item, depth + 1))
    }
}
