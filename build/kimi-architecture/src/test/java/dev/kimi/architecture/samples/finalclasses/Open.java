package dev.kimi.architecture.samples.finalclasses;

class Open {}
