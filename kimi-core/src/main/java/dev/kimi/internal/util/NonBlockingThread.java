package dev.kimi.internal.util;

/** Marks threads of this library on which others depend, so that none of them may wait for a call. */
public interface NonBlockingThread {}
