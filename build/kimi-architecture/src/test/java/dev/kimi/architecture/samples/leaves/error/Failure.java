package dev.kimi.architecture.samples.leaves.error;

public final class Failure {}
