//! Gradient-boosted trees as one flat table, and the walk down them; and the table of weights that has a say beside them.
//!
//! A model is a file, written by the program in `training/`:
//!
//! | bytes | meaning |
//! |---|---|
//! | 4 | `RTM3` |
//! | 4 | hash of the features' names |
//! | 2 | forests |
//!
//! for each forest
//!
//! | bytes | meaning |
//! |---|---|
//! | 2 | features that a row has |
//! | 4 | what is added to every sum, `f32` |
//! | 4 | nodes |
//! | 2 | trees |
//! | 6 a tree | the node where it begins (`u32`), splits on its longest way down (`u16`) |
//! | 8 a node | feature (`u16`), steps to the lower child (`u16`; the other is next to it), threshold (`f32`); of a leaf 0, 0 and its answer |
//!
//! and then
//!
//! | bytes | meaning |
//! |---|---|
//! | 4 | what the table of marks counts beside the first forest, 0 to 1, `f32` |
//! | 4 | what is added to the sum of a block's weights, `f32` |
//! | 4 | what a weight of 1 stands for, `f32` |
//! | 65,536 | the weight of each mark, `i8` |
//!
//! All numbers are little-endian. A row goes to the lower child when its feature is not above the threshold.
//!
//! Nodes and weights are used as they lie in the file: an instance of the sandbox reads the model for a single page.

use std::borrow::Cow;

/// Rows that go down a tree side by side, so that the processor waits for several at once.
const LANES: usize = 16;

/// What a file holds.
#[derive(Debug)]
pub(crate) struct Tables<'b> {
    /// The hash of the features' names.
    pub(crate) names: u32,
    pub(crate) forests: Vec<Forest<'b>>,
    pub(crate) marks: MarkTable<'b>,
}

/// Reads a file. That its trees lead nowhere else is for [`Forest::check`] to tell.
///
/// # Errors
/// What is wrong with the file, and where.
pub(crate) fn read(bytes: &[u8]) -> Result<Tables<'_>, String> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.take::<4>()? != *b"RTM3" {
        return Err("it does not begin with RTM3".to_owned());
    }
    let names = u32::from_le_bytes(reader.take()?);
    let forests = (0..reader.u16()?).map(|_| Forest::read(&mut reader)).collect::<Result<_, _>>()?;
    let marks = MarkTable::read(&mut reader)?;
    if reader.at < bytes.len() {
        return Err(format!("it goes on after its last table, at byte {}", reader.at));
    }
    Ok(Tables { names, forests, marks })
}

/// A weight for each mark of a block, which together are a logistic regression.
#[derive(Debug, Clone)]
pub(crate) struct MarkTable<'b> {
    share: f32,
    bias: f32,
    unit: f32,
    weights: Cow<'b, [u8]>,
}

impl<'b> MarkTable<'b> {
    /// One for each mark.
    const SLOTS: usize = 1 << u16::BITS;

    fn read(reader: &mut Reader<'b>) -> Result<Self, String> {
        let mut number = || Ok::<_, String>(f32::from_le_bytes(reader.take()?));
        let (share, bias, unit) = (number()?, number()?, number()?);
        Ok(Self { share, bias, unit, weights: Cow::Borrowed(reader.bytes(Self::SLOTS)?) })
    }

    pub(crate) fn into_owned(self) -> MarkTable<'static> {
        MarkTable { weights: Cow::Owned(self.weights.into_owned()), ..self }
    }

    /// The log-odds that the marks come to, each counted as often as it is there.
    pub(crate) fn log_odds(&self, marks: &[u16]) -> f32 {
        self.bias + marks.iter().map(|&mark| self.weight(mark)).sum::<f32>()
    }

    /// What one mark adds to the log-odds.
    pub(crate) fn weight(&self, mark: u16) -> f32 {
        self.unit * self.weights.get(usize::from(mark)).map_or(0.0, |byte| f32::from(byte.cast_signed()))
    }

    /// The log-odds that a forest's and the table's come to.
    pub(crate) fn mixed(&self, of_forest: f32, of_marks: f32) -> f32 {
        (1.0 - self.share) * of_forest + self.share * of_marks
    }
}

/// Trees whose answers are added up.
#[derive(Debug, Clone)]
pub(crate) struct Forest<'b> {
    features: usize,
    bias: f32,
    trees: Cow<'b, [[u8; 6]]>,
    nodes: Cow<'b, [[u8; 8]]>,
}

#[derive(Debug, Clone, Copy)]
struct Tree {
    root: usize,
    depth: u16,
}

impl Tree {
    fn of(&[a, b, c, d, depth @ ..]: &[u8; 6]) -> Self {
        Self { root: u32::from_le_bytes([a, b, c, d]) as usize, depth: u16::from_le_bytes(depth) }
    }
}

/// A row goes on by `step` nodes, and one more if its feature is above the value. A leaf has no step, and its answer as value.
#[derive(Debug, Clone, Copy)]
struct Node {
    feature: usize,
    step: usize,
    value: f32,
}

impl Node {
    fn of(record: [u8; 8]) -> Self {
        let bits = u64::from_le_bytes(record);
        Self {
            feature: usize::from(bits as u16),
            step: usize::from((bits >> 16) as u16),
            value: f32::from_bits((bits >> 32) as u32),
        }
    }
}

impl<'b> Forest<'b> {
    fn read(reader: &mut Reader<'b>) -> Result<Self, String> {
        let features = usize::from(reader.u16()?);
        let bias = f32::from_le_bytes(reader.take()?);
        let node_count = u32::from_le_bytes(reader.take()?) as usize;
        let tree_count = usize::from(reader.u16()?);
        let trees = Cow::Borrowed(reader.records(tree_count)?);
        Ok(Self { features, bias, trees, nodes: Cow::Borrowed(reader.records(node_count)?) })
    }

    /// Whether no way down a tree leads out of the forest or the row.
    ///
    /// # Errors
    /// Which node or tree does.
    pub(crate) fn check(&self) -> Result<(), String> {
        for (at, &record) in self.nodes.iter().enumerate() {
            let Node { feature, step, .. } = Node::of(record);
            let is_leaf = step == 0 && feature == 0;
            if !is_leaf && (step == 0 || feature >= self.features || at + step + 1 >= self.nodes.len()) {
                return Err(format!("node {at} leads out of the forest"));
            }
        }
        if self.trees.iter().any(|tree| Tree::of(tree).root >= self.nodes.len()) {
            return Err("a tree begins outside of the forest".to_owned());
        }
        Ok(())
    }

    pub(crate) fn into_owned(self) -> Forest<'static> {
        Forest {
            features: self.features,
            bias: self.bias,
            trees: Cow::Owned(self.trees.into_owned()),
            nodes: Cow::Owned(self.nodes.into_owned()),
        }
    }

    /// Features that a row has.
    pub(crate) fn features(&self) -> usize {
        self.features
    }

    /// The sum of the trees' answers for each row. `rows` are put one after the other.
    pub(crate) fn sums(&self, rows: &[f32]) -> Vec<f32> {
        let mut sums = vec![self.bias; rows.len() / self.features.max(1)];
        // Few rows and all trees at a time: the rows stay in the processor's first cache.
        let groups = rows.chunks(self.features.max(1) * LANES).zip(sums.chunks_mut(LANES));
        for (rows, sums) in groups {
            for tree in self.trees.iter() {
                self.go_down(Tree::of(tree), rows, sums);
            }
        }
        sums
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "no step leads out of the forest or the row: a test checks the built-in model, and reading others does"
    )]
    fn go_down(&self, tree: Tree, rows: &[f32], sums: &mut [f32]) {
        let mut places = [tree.root; LANES];
        let places = &mut places[..sums.len()];
        for _ in 0..tree.depth {
            let mut start = 0;
            for place in &mut *places {
                let Node { feature, step, value } = Node::of(self.nodes[*place]);
                let is_above = (step > 0) & (rows[start + feature] > value);
                *place += step + usize::from(is_above);
                start += self.features;
            }
        }
        for (sum, place) in sums.iter_mut().zip(places) {
            *sum += Node::of(self.nodes[*place]).value;
        }
    }

    fn node(&self, at: usize) -> Option<Node> {
        self.nodes.get(at).copied().map(Node::of)
    }

    /// What each feature adds to the answer for each row: at each split, how far it moves the mean of the leaves below
    /// (Saabas 2014).
    pub(crate) fn contributions<'r>(&self, rows: impl Iterator<Item = &'r [f32]>) -> Vec<Vec<f32>> {
        let means = self.means();
        rows.map(|row| self.contributions_to(row, &means)).collect()
    }

    fn contributions_to(&self, row: &[f32], means: &[f32]) -> Vec<f32> {
        let mut contributions = vec![0.0; self.features];
        let mean = |at: usize| means.get(at).copied().unwrap_or_default();
        for tree in self.trees.iter() {
            let mut at = Tree::of(tree).root;
            while let Some(node) = self.node(at).filter(|node| node.step > 0)
                && let Some(&value) = row.get(node.feature)
            {
                let below = at + node.step + usize::from(value > node.value);
                if let Some(slot) = contributions.get_mut(node.feature) {
                    *slot += mean(below) - mean(at);
                }
                at = below;
            }
        }
        contributions
    }

    /// For each node the mean of its leaves, each weighted by the share of random ways down that end in it.
    fn means(&self) -> Vec<f32> {
        let mut means: Vec<f32> = self.nodes.iter().map(|&record| Node::of(record).value).collect();
        // Children come after their parents.
        for (at, &record) in self.nodes.iter().enumerate().rev() {
            let step = Node::of(record).step;
            let children = means.get(at + step).zip(means.get(at + step + 1));
            let of_children = children.map(|(one, other)| f32::midpoint(*one, *other));
            if step > 0
                && let (Some(mean), Some(of_children)) = (means.get_mut(at), of_children)
            {
                *mean = of_children;
            }
        }
        means
    }
}

/// 0 to 1 from a sum of log-odds.
pub(crate) fn logistic(sum: f32) -> f32 {
    1.0 / (1.0 + (-sum).exp())
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    fn take<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], String> {
        let taken = self.bytes(LENGTH)?;
        taken.try_into().map_err(|_| "it ends within a number".to_owned())
    }

    fn bytes(&mut self, length: usize) -> Result<&'b [u8], String> {
        let taken = self.bytes.get(self.at..).and_then(|rest| rest.get(..length));
        self.at = self.at.saturating_add(length);
        taken.ok_or_else(|| format!("it ends after {} bytes, within a number or table", self.bytes.len()))
    }

    /// `count` records of `SIZE` bytes.
    fn records<const SIZE: usize>(&mut self, count: usize) -> Result<&'b [[u8; SIZE]], String> {
        Ok(self.bytes(count.saturating_mul(SIZE))?.as_chunks().0)
    }

    fn u16(&mut self) -> Result<u16, String> {
        Ok(u16::from_le_bytes(self.take()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One tree: feature 1 above 2.5 gives 10; else feature 0 above 0 gives 5, else -5.
    fn forest_bytes(first_step: u16) -> Vec<u8> {
        let nodes: [(u16, u16, f32); 5] =
            [(1, first_step, 2.5), (0, 2, 0.0), (0, 0, 10.0), (0, 0, -5.0), (0, 0, 5.0)];
        let mut bytes = b"RTM3".to_vec();
        bytes.extend(7_u32.to_le_bytes());
        bytes.extend(1_u16.to_le_bytes());
        bytes.extend(2_u16.to_le_bytes());
        bytes.extend(0.5_f32.to_le_bytes());
        bytes.extend(5_u32.to_le_bytes());
        bytes.extend(1_u16.to_le_bytes());
        bytes.extend(0_u32.to_le_bytes());
        bytes.extend(2_u16.to_le_bytes());
        for (feature, step, value) in nodes {
            bytes.extend(feature.to_le_bytes());
            bytes.extend(step.to_le_bytes());
            bytes.extend(value.to_le_bytes());
        }
        for number in [0.25_f32, -1.0, 0.5] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend((0..=u16::MAX).map(|mark| if mark == 7 { (-3_i8).cast_unsigned() } else { 0 }));
        bytes
    }

    fn forest() -> Forest<'static> {
        let bytes = forest_bytes(1);
        let Tables { names, mut forests, .. } = read(&bytes).unwrap();
        assert_eq!((names, forests.len()), (7, 1));
        let forest = forests.remove(0);
        assert_eq!(forest.check(), Ok(()));
        forest.into_owned()
    }

    #[test]
    fn rows_go_down_to_their_leaves() {
        let rows = [1.0, 2.5, 0.0, 2.5, 0.0, 2.6];
        assert_eq!(forest().sums(&rows), [5.5, -4.5, 10.5]);
        let many: Vec<f32> = rows.repeat(20);
        assert_eq!(forest().sums(&many), [5.5, -4.5, 10.5].repeat(20));
        assert_eq!(forest().sums(&[]), Vec::<f32>::new());
    }

    #[test]
    fn marks_add_up_and_have_a_say_beside_the_forest() {
        let bytes = forest_bytes(1);
        let table = read(&bytes).unwrap().marks;
        assert_eq!(table.log_odds(&[7, 8, 7]), -4.0);
        assert_eq!(table.mixed(2.0, -4.0), 0.5);
    }

    #[test]
    fn contributions_add_up_to_the_answer() {
        // The mean of all leaves is 5, of those below the second split 0.
        let rows: [&[f32]; 2] = [&[1.0, 0.0], &[1.0, 3.0]];
        assert_eq!(forest().contributions(rows.into_iter()), [[5.0, -5.0], [0.0, 5.0]]);
    }

    #[test]
    fn damaged_files_are_refused_with_the_place() {
        let whole = forest_bytes(1);
        for length in (0..100).chain([whole.len() - 1]) {
            assert!(read(whole.get(..length).unwrap()).is_err(), "{length} bytes");
        }
        for step in [0, 4, u16::MAX] {
            let bytes = forest_bytes(step);
            let checked = read(&bytes).unwrap().forests.remove(0).check();
            assert_eq!(checked.unwrap_err(), "node 0 leads out of the forest");
        }
        let longer = [whole.as_slice(), &[0]].concat();
        assert_eq!(
            read(&longer).unwrap_err(),
            format!("it goes on after its last table, at byte {}", whole.len())
        );
    }
}
