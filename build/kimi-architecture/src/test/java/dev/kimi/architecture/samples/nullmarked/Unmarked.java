package dev.kimi.architecture.samples.nullmarked;

final class Unmarked {}
