"""serve | api | consume | relay | deadlines | migrate"""
from assessment.service import DECLARED
from chassis.run import main

main(DECLARED)
