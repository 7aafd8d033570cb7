//! Where blocks lie: plain arithmetic on addresses, without touching memory.
//!
//! Blocks are placed one after the other. Only the topmost one can be freed, or change its size where it lies; all
//! others keep their place until the instance is gone. That is what vectors and strings under construction need, and
//! for one document it costs less than finding free blocks again.

use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The part of the address space that blocks are placed in. Atomic only so that it can be a static: an instance has
/// one thread.
pub(crate) struct Heap {
    top: AtomicUsize,
    end: AtomicUsize,
}

impl Heap {
    /// A heap without room.
    pub(crate) const fn new() -> Self {
        Self { top: AtomicUsize::new(0), end: AtomicUsize::new(0) }
    }

    /// Adds the addresses from `start` to `end`. What was left of a region that does not touch them is given up.
    pub(crate) fn extend(&self, start: usize, end: usize) {
        if self.end.load(Relaxed) != start {
            self.top.store(start, Relaxed);
        }
        self.end.store(end, Relaxed);
    }

    /// Places a block; `None` when there is no room.
    pub(crate) fn place(&self, size: usize, align: usize) -> Option<usize> {
        let start = self.top.load(Relaxed).checked_next_multiple_of(align)?;
        self.move_top(start, size).then_some(start)
    }

    /// Changes a block's size where it lies; whether that was possible.
    pub(crate) fn resize(&self, start: usize, size: usize, new_size: usize) -> bool {
        if self.is_topmost(start, size) { self.move_top(start, new_size) } else { new_size <= size }
    }

    /// Frees a block if it is the topmost one.
    pub(crate) fn free(&self, start: usize, size: usize) {
        if self.is_topmost(start, size) {
            self.top.store(start, Relaxed);
        }
    }

    /// Whether nothing lies above the block.
    pub(crate) fn is_topmost(&self, start: usize, size: usize) -> bool {
        start.checked_add(size) == Some(self.top.load(Relaxed))
    }

    fn move_top(&self, start: usize, size: usize) -> bool {
        let top = start.checked_add(size).filter(|top| *top <= self.end.load(Relaxed));
        top.inspect(|top| self.top.store(*top, Relaxed)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heap(start: usize, end: usize) -> Heap {
        let heap = Heap::new();
        heap.extend(start, end);
        heap
    }

    #[test]
    fn blocks_are_aligned_and_do_not_overlap() {
        let heap = heap(65_536, 131_072);
        assert_eq!(heap.place(3, 1), Some(65_536));
        assert_eq!(heap.place(8, 8), Some(65_544));
        assert_eq!(heap.place(1, 4096), Some(69_632));
        assert_eq!(heap.place(1, 1), Some(69_633));
    }

    #[test]
    fn a_block_that_does_not_fit_leaves_the_heap_as_it_was() {
        let heap = heap(0, 100);
        assert_eq!(heap.place(60, 1), Some(0));
        assert_eq!(heap.place(41, 1), None);
        assert_eq!(heap.place(usize::MAX, 1), None);
        assert_eq!(heap.place(1, 1 << (usize::BITS - 1)), None);
        assert_eq!(heap.place(40, 1), Some(60));
    }

    #[test]
    fn the_topmost_block_grows_and_shrinks_in_place() {
        let heap = heap(0, 100);
        assert_eq!(heap.place(10, 1), Some(0));
        assert!(heap.resize(0, 10, 90));
        assert!(!heap.resize(0, 90, 101));
        assert!(heap.resize(0, 90, 20));
        assert_eq!(heap.place(1, 1), Some(20));
    }

    #[test]
    fn a_block_below_another_shrinks_but_does_not_grow() {
        let heap = heap(0, 100);
        assert_eq!(heap.place(10, 1), Some(0));
        assert_eq!(heap.place(10, 1), Some(10));
        assert!(heap.resize(0, 10, 5));
        assert!(!heap.resize(0, 10, 11));
        assert_eq!(heap.place(1, 1), Some(20));
    }

    #[test]
    fn freed_blocks_are_used_again_from_the_top_down() {
        let heap = heap(0, 100);
        assert_eq!(heap.place(10, 1), Some(0));
        assert_eq!(heap.place(10, 1), Some(10));
        assert_eq!(heap.place(10, 1), Some(20));
        heap.free(10, 10);
        assert_eq!(heap.place(1, 1), Some(30));
        heap.free(30, 1);
        heap.free(20, 10);
        assert_eq!(heap.place(1, 1), Some(20));
    }

    #[test]
    fn more_room_is_used_seamlessly_when_it_adjoins() {
        let heap = heap(0, 100);
        assert_eq!(heap.place(90, 1), Some(0));
        heap.extend(100, 200);
        assert_eq!(heap.place(90, 1), Some(90));
        heap.extend(300, 400);
        assert_eq!(heap.place(30, 1), Some(300));
    }
}
