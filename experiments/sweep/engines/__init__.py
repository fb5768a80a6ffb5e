"""Who does the chunks of a sweep: processes here, a Slurm cluster, dask workers."""
