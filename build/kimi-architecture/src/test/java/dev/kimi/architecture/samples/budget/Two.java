package dev.kimi.architecture.samples.budget;

public final class Two {}
