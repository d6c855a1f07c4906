package dev.kimi.architecture.samples.tidy.internal.call;

final class Task extends Counted implements Runnable {}
