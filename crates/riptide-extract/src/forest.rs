//! Gradient-boosted trees as one flat table, and the walk down them; and the table of weights that has a say beside them.
//!
//! A model is a file, written by the program in `training/`:
//!
//! | bytes | meaning |
//! |---|---|
//! | 4 | `RTM2` |
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
//! | 8 a node | feature (`u16`, [`LEAF`] for leaves), steps to the lower child (`u16`; the other is next to it), threshold or leaf value (`f32`) |
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

/// What stands for the feature in a leaf.
const LEAF: u16 = u16::MAX;
/// Rows that go down a tree side by side, so that the processor waits for several at once.
const LANES: usize = 16;

/// What a file holds.
#[derive(Debug)]
pub(crate) struct Tables {
    /// The hash of the features' names.
    pub(crate) names: u32,
    pub(crate) forests: Vec<Forest>,
    pub(crate) marks: MarkTable,
}

/// Reads a file.
///
/// # Errors
/// What is wrong with the file, and where.
pub(crate) fn read(bytes: &[u8]) -> Result<Tables, String> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.take::<4>()? != *b"RTM2" {
        return Err("it does not begin with RTM2".to_owned());
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
pub(crate) struct MarkTable {
    share: f32,
    bias: f32,
    unit: f32,
    weights: Vec<i8>,
}

impl MarkTable {
    /// One for each mark.
    const SLOTS: usize = 1 << u16::BITS;

    fn read(reader: &mut Reader<'_>) -> Result<Self, String> {
        let mut number = || Ok::<_, String>(f32::from_le_bytes(reader.take()?));
        let (share, bias, unit) = (number()?, number()?, number()?);
        let weights = reader.bytes(Self::SLOTS)?.iter().map(|&byte| byte.cast_signed()).collect();
        Ok(Self { share, bias, unit, weights })
    }

    /// The log-odds that the marks come to, each counted as often as it is there.
    pub(crate) fn log_odds(&self, marks: &[u16]) -> f32 {
        self.bias + marks.iter().map(|&mark| self.weight(mark)).sum::<f32>()
    }

    /// What one mark adds to the log-odds.
    pub(crate) fn weight(&self, mark: u16) -> f32 {
        self.unit * self.weights.get(usize::from(mark)).copied().map_or(0.0, f32::from)
    }

    /// The log-odds that a forest's and the table's come to.
    pub(crate) fn mixed(&self, of_forest: f32, of_marks: f32) -> f32 {
        (1.0 - self.share) * of_forest + self.share * of_marks
    }
}

/// Trees whose answers are added up.
#[derive(Debug, Clone)]
pub(crate) struct Forest {
    features: usize,
    bias: f32,
    nodes: Vec<Node>,
    /// The answer of each node that is a leaf.
    answers: Vec<f32>,
    trees: Vec<Tree>,
}

#[derive(Debug, Clone, Copy)]
struct Tree {
    root: u32,
    depth: u16,
}

impl Tree {
    fn read(&[a, b, c, d, depth @ ..]: &[u8; 6]) -> Self {
        Self { root: u32::from_le_bytes([a, b, c, d]), depth: u16::from_le_bytes(depth) }
    }
}

/// A row goes on by `step` nodes, and one more if its feature is above the threshold. A leaf leads to itself.
#[derive(Debug, Clone, Copy)]
struct Node {
    feature: u16,
    step: u16,
    threshold: f32,
}

impl Node {
    /// The node and its answer, which is zero where it is no leaf.
    fn read(&[a, b, c, d, value @ ..]: &[u8; 8]) -> (Self, f32) {
        let (feature, step) = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
        let value = f32::from_le_bytes(value);
        if feature == LEAF {
            (Self { feature: 0, step: 0, threshold: f32::INFINITY }, value)
        } else {
            (Self { feature, step, threshold: value }, 0.0)
        }
    }
}

impl Forest {
    fn read(reader: &mut Reader<'_>) -> Result<Self, String> {
        let features = usize::from(reader.u16()?);
        let bias = f32::from_le_bytes(reader.take()?);
        let node_count = u32::from_le_bytes(reader.take()?);
        let tree_count = usize::from(reader.u16()?);
        let trees = reader.records(tree_count)?.iter().map(Tree::read).collect::<Vec<_>>();
        let (mut nodes, mut answers) = (Vec::new(), Vec::new());
        let records = reader.records(node_count as usize)?;
        nodes.reserve_exact(records.len());
        answers.reserve_exact(records.len());
        for (at, record) in records.iter().enumerate() {
            let (node, answer) = Node::read(record);
            let below = at + usize::from(node.step) + 1;
            let is_leaf = node.step == 0 && node.feature == 0 && node.threshold == f32::INFINITY;
            let is_split = node.step > 0 && usize::from(node.feature) < features && below < records.len();
            if !is_leaf && !is_split {
                return Err(format!("node {at} leads out of the forest"));
            }
            nodes.push(node);
            answers.push(answer);
        }
        if trees.iter().any(|tree| tree.root >= node_count) {
            return Err("a tree begins outside of the forest".to_owned());
        }
        Ok(Self { features, bias, nodes, answers, trees })
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
            for tree in &self.trees {
                self.go_down(*tree, rows, sums);
            }
        }
        sums
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "reading made sure that no step leads out of the forest or the row"
    )]
    fn go_down(&self, tree: Tree, rows: &[f32], sums: &mut [f32]) {
        let mut places = [tree.root as usize; LANES];
        let places = &mut places[..sums.len()];
        for _ in 0..tree.depth {
            let mut start = 0;
            for place in &mut *places {
                let Node { feature, step, threshold } = self.nodes[*place];
                let is_above = rows[start + usize::from(feature)] > threshold;
                *place += usize::from(step) + usize::from(is_above);
                start += self.features;
            }
        }
        for (sum, place) in sums.iter_mut().zip(places) {
            *sum += self.answers[*place];
        }
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
        for tree in &self.trees {
            let mut at = tree.root as usize;
            while let Some(node) = self.nodes.get(at)
                && node.step > 0
                && let Some(&value) = row.get(usize::from(node.feature))
            {
                let below = at + usize::from(node.step) + usize::from(value > node.threshold);
                if let Some(slot) = contributions.get_mut(usize::from(node.feature)) {
                    *slot += mean(below) - mean(at);
                }
                at = below;
            }
        }
        contributions
    }

    /// For each node the mean of its leaves, each weighted by the share of random ways down that end in it.
    fn means(&self) -> Vec<f32> {
        let mut means = self.answers.clone();
        // Children come after their parents.
        for (at, node) in self.nodes.iter().enumerate().rev().filter(|(_, node)| node.step > 0) {
            let lower = at + usize::from(node.step);
            let children =
                means.get(lower).zip(means.get(lower + 1)).map(|(one, other)| f32::midpoint(*one, *other));
            if let (Some(mean), Some(of_children)) = (means.get_mut(at), children) {
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
            [(1, first_step, 2.5), (0, 2, 0.0), (LEAF, 0, 10.0), (LEAF, 0, -5.0), (LEAF, 0, 5.0)];
        let mut bytes = b"RTM2".to_vec();
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

    fn forest() -> Forest {
        let Tables { names, mut forests, .. } = read(&forest_bytes(1)).unwrap();
        assert_eq!((names, forests.len()), (7, 1));
        forests.remove(0)
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
        let table = read(&forest_bytes(1)).unwrap().marks;
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
            assert_eq!(read(&forest_bytes(step)).unwrap_err(), "node 0 leads out of the forest");
        }
        let longer = [whole.as_slice(), &[0]].concat();
        assert_eq!(
            read(&longer).unwrap_err(),
            format!("it goes on after its last table, at byte {}", whole.len())
        );
    }
}
