package dev.kimi.architecture.samples.frontdoor;

public final class Front {}
