package dev.kimi.architecture.samples.signatures.internal;

public final class Hidden {}
